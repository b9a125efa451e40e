"""A streaming transducer of sherpa-onnx's LSTM kind that recites three words while it hears sound.

The encoder says how sure it is that nothing is being said, from the loudness of a chunk; the
decoder wants the word after the last one; the joiner adds the two.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

WORDS = ("<blk>", "<unk>", "▁GOOD", "▁MORNING", "▁ANN")
FEATURES, STATE, FRAMES, CHUNK = 80, 2, 9, 4
EAGER = 10.0
"""Silence is -16 in the logarithm of its power, and so beats the next word; sound does not."""


def transducer(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    _save(
        _encoder(),
        folder / "encoder-epoch-99.onnx",
        model_type="lstm",
        num_encoder_layers=1,
        T=FRAMES,
        decode_chunk_len=CHUNK,
        rnn_hidden_size=STATE,
        d_model=STATE,
    )
    _save(_decoder(), folder / "decoder-epoch-99.onnx", vocab_size=len(WORDS), context_size=2)
    _save(_joiner(), folder / "joiner-epoch-99.onnx", joiner_dim=len(WORDS))
    lines = (f"{word} {number}" for number, word in enumerate(WORDS))
    (folder / "tokens.txt").write_text("\n".join(lines) + "\n", "utf-8")


def _save(graph: Any, file: Path, **properties: object) -> None:
    import onnx
    from onnx import helper

    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, {name: str(value) for name, value in properties.items()})
    onnx.checker.check_model(model)
    onnx.save(model, file)


def _encoder() -> Any:
    from onnx import TensorProto, helper, numpy_helper

    silent = np.zeros((1, 1, len(WORDS)), np.float32)
    silent[0, 0, 0] = -1.0
    states = [("h", "new_h"), ("c", "new_c")]
    shape = [1, "N", STATE]
    return helper.make_graph(
        [
            helper.make_node("ReduceMean", ["x"], ["loudness"], axes=[1, 2], keepdims=1),
            helper.make_node("Mul", ["loudness", "silent"], ["encoder_out"]),
            *(helper.make_node("Identity", [old], [new]) for old, new in states),
        ],
        "encoder",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", FRAMES, FEATURES]),
            *(helper.make_tensor_value_info(old, TensorProto.FLOAT, shape) for old, _ in states),
        ],
        [
            helper.make_tensor_value_info("encoder_out", TensorProto.FLOAT, ["N", 1, len(WORDS)]),
            *(helper.make_tensor_value_info(new, TensorProto.FLOAT, shape) for _, new in states),
        ],
        [numpy_helper.from_array(silent, "silent")],
    )


def _decoder() -> Any:
    from onnx import TensorProto, helper, numpy_helper

    after = np.zeros((len(WORDS), len(WORDS)), np.float32)
    for last, following in ((0, 2), (1, 2), (2, 3), (3, 4), (4, 0)):
        after[last, following] = EAGER
    return helper.make_graph(
        [
            helper.make_node("Gather", ["y", "newest"], ["last"], axis=1),
            helper.make_node("Gather", ["after", "last"], ["decoder_out"]),
        ],
        "decoder",
        [helper.make_tensor_value_info("y", TensorProto.INT64, ["N", 2])],
        [helper.make_tensor_value_info("decoder_out", TensorProto.FLOAT, ["N", len(WORDS)])],
        [
            numpy_helper.from_array(after, "after"),
            numpy_helper.from_array(np.array(1, np.int64), "newest"),
        ],
    )


def _joiner() -> Any:
    from onnx import TensorProto, helper

    shape = ["N", len(WORDS)]
    names = ("encoder_out", "decoder_out")
    return helper.make_graph(
        [helper.make_node("Add", list(names), ["logit"])],
        "joiner",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in names],
        [helper.make_tensor_value_info("logit", TensorProto.FLOAT, shape)],
    )
