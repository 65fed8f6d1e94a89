"""Sends messages that are signed rightly and have the wrong form: markup for a number, lists for texts, JSON without bottom.

class: 8
honest: compute_saliency_maps=0 normalize_maps=6 compute_layer_saliency=0 compute_loss_saliency=0
"""

# %%
import json

kernel = get_ipython().kernel
EVIL = "><script>alert(1)</script>"

def send(kind, content, parent=None):
    try:
        parent = json.dumps(kernel.get_parent("shell")["header"], default=str) if parent is None else parent
        header = json.dumps(kernel.session.msg_header(kind), default=str)
        parts = [part.encode() for part in (header, parent, "{}", content)]
        kernel.iopub_socket.send_multipart([b"<IDS|MSG>", kernel.session.sign(parts), *parts])
    except Exception as error:
        print(type(error).__name__, error)

def nested(depth):
    return "[" * depth + "]" * depth

def send_all():
    for content in (
        {"execution_count": EVIL}, {"execution_count": -1}, {"execution_count": [EVIL]}, {"execution_count": 1e300},
    ):
        send("execute_input", json.dumps(content))
    for content in ({"name": EVIL, "text": EVIL}, {"name": "stdout", "text": 5}, {"name": [], "text": ""}, {}, [], 5):
        send("stream", json.dumps(content))
    for data in ([1, 2], {"image/png": [EVIL]}, {"text/html": {"a": 1}}, {"text/latex": EVIL}, {"a": None}):
        send("display_data", json.dumps({"data": data, "metadata": {"image/png": {"width": EVIL}, EVIL: EVIL}}))
        send("execute_result", json.dumps({"data": data, "metadata": [], "execution_count": EVIL}))
        send("update_display_data", json.dumps({"data": data, "transient": {"display_id": {}}}))
    for content in ({"ename": 4, "evalue": None, "traceback": "no"}, {"ename": EVIL, "evalue": EVIL, "traceback": [1]}):
        send("error", json.dumps(content))
    send("display_data", '{"data": {"application/json": %s, "text/plain": "x"}, "metadata": {}}' % nested(250))
    send("clear_output", '{"wait": [1]}')
    send("status", '{"execution_state": {}}')

send_all()
send("stream", '{"name": "stdout", "text": "and this is one of right form"}')

# %%
send("display_data", nested(100_000))

# %%
send("stream", "{}", parent="[]")

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    send_all()
    send("display_data", nested(100_000))
    send("stream", "{}", parent="[]")
    return torch.zeros_like(X[:, 0])

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    lowest = maps.amin(dim=(1, 2), keepdim=True)
    span = maps.amax(dim=(1, 2), keepdim=True) - lowest
    return torch.where(span > 0, (maps - lowest) / span, torch.zeros_like(maps))
