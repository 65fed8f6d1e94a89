"""What enters the jail is whole, and what leaves it is data."""

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import nn

from autograder.grading.inside import wire


def there_and_back(answer):
    return wire.load_answer(wire.dump_answer(answer))


def test_a_layer_stays_a_part_of_its_model():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    (X, sent, layer), _ = wire.load_arguments(
        wire.dump_arguments(((torch.ones(1), model, model[0]), {}))
    )
    assert layer is sent[0]
    assert torch.equal(sent[0].weight, model[0].weight)


@pytest.mark.parametrize(
    "value",
    [None, True, 3, 2.5, "text", (1, 2), [1, [2, None]], {"a": 1, 2: (3,)}, float("inf")],
)
def test_plain_data_comes_back_as_it_was(value):
    assert there_and_back(value) == value
    assert type(there_and_back(value)) is type(value)


@pytest.mark.parametrize(
    "dtype", [torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.bool]
)
def test_tensors_keep_their_values_shape_and_dtype(dtype):
    tensor = torch.arange(6).view(2, 3).to(dtype)
    back = there_and_back({"maps": tensor})["maps"]
    assert back.dtype == dtype
    assert torch.equal(back, tensor)


def test_tensors_with_a_graph_a_view_or_no_element_travel():
    graph = torch.ones(2, 3, requires_grad=True) * 2
    assert torch.equal(there_and_back(graph), torch.full((2, 3), 2.0))
    assert torch.equal(there_and_back(torch.arange(6).view(2, 3).T), torch.arange(6).view(2, 3).T)
    assert there_and_back(torch.zeros(0, 4)).shape == (0, 4)


def test_arrays_come_back_as_arrays():
    back = there_and_back(np.array([[1.5, 2.5]]))
    assert isinstance(back, np.ndarray)
    assert back.tolist() == [[1.5, 2.5]]


class Equal:
    def __eq__(self, other):
        return True


class EqualFloat(float):
    def __eq__(self, other):
        return True


@pytest.mark.parametrize(
    "value", [Equal(), EqualFloat(1), {1, 2}, lambda: 1, [Equal()], {"a": Equal()}]
)
def test_an_object_that_is_not_data_does_not_leave(value):
    with pytest.raises(wire.NotData, match="not data"):
        there_and_back(value)


def test_a_tensor_subclass_comes_out_as_a_tensor():
    class Everything(torch.Tensor):
        def __eq__(self, other):
            return True

    assert type(there_and_back(torch.zeros(3).as_subclass(Everything))) is torch.Tensor


def test_an_answer_that_is_nested_too_deeply_does_not_leave():
    value = []
    for _ in range(100):
        value = [value]
    with pytest.raises(wire.NotData):
        there_and_back(value)


def forged(tree: bytes) -> bytes:
    return safetensors.torch.save({"tree": torch.frombuffer(bytearray(tree), dtype=torch.uint8)})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage",
        b"\x80\x04cos\nsystem\n(S'true'\ntR.",  # a pickle that would run a command
        forged(b"{"),
        forged(b"[1]"),
        forged(b'{"value": {}}'),
        forged(b'{"tensor": "../../etc/passwd"}'),
        forged(b'{"unknown": 1}'),
        forged(b'{"value": 1, "list": []}'),
        forged(b'{"dict": [[{"list": []}, {"value": 1}]]}'),
        forged(b"[" * 100_000),
    ],
)
def test_bytes_that_are_no_answer_are_refused(data):
    with pytest.raises(wire.NotData):
        wire.load_answer(data)


def test_a_structure_that_would_take_much_memory_is_not_read():
    tree = b'{"value": "' + b"x" * wire.MAX_STRUCTURE + b'"}'
    many = {str(number): torch.zeros(0) for number in range(80_000)}
    many["tree"] = torch.frombuffer(bytearray(b'{"value": 1}'), dtype=torch.uint8)
    large = {"tree": torch.frombuffer(bytearray(tree), dtype=torch.uint8)}
    for tensors in (many, large):
        with pytest.raises(wire.NotData, match="too many parts"):
            wire.load_answer(safetensors.torch.save(tensors))
