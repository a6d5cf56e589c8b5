"""Pre-training's batches: documents laid end to end and cut into windows of one length."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Int, UInt16
from torch import Tensor

from course.layers.sizes import require_whole
from course.messages import _
from course.training.batches import require_step

Documents = Sequence[UInt16[np.ndarray, "_"]]


class PackedBatches:
    """Windows of `length + 1` tokens, epoch after epoch: `batches[step]` is a table [`batch_size`, `length + 1`].

    In each epoch the documents are laid end to end in another order, each followed by `end_id`, and cut into windows
    that overlap by one token, so that every token but the first is a target once; then the windows are shuffled, since
    neighbors are from one document. What is left when no full batch remains waits for another epoch. Everything
    depends on `seed` and the epoch alone, so that any step's batch is available without those before it: a training
    that resumes goes on with the batch that was next.

    **Documents in one window attend to each other**: nothing masks the ones before `end_id`, as in GPT-3 (Brown et al.
    2020, appendix B) and nanoGPT (its issue #231); SmolLM3 masks. Raises `ValueError` for documents that don't fill one
    batch.
    """

    def __init__(self, documents: Documents, batch_size: int, length: int, *, end_id: int, seed: int = 0) -> None:
        require_whole(batch_size, "batch_size")
        require_whole(length, "length")
        end = np.array([end_id], dtype=np.uint16)
        self.documents = [np.concatenate((ids, end)) for ids in documents]
        self.batch_size, self.length, self.seed = batch_size, length, seed
        self.n_tokens = sum(map(len, self.documents))
        self._n_windows = (self.n_tokens - 1) // length
        if self._n_windows < batch_size:
            raise ValueError(
                _(
                    "The documents have {tokens} tokens, fewer than a batch of {batch_size} windows of {length}: "
                    "give more text, or choose a smaller batch or shorter windows."
                ).format(tokens=self.n_tokens, batch_size=batch_size, length=length)
            )
        self._epoch = -1
        self._stream, self._order = np.empty(0, np.uint16), np.empty(0, np.int64)

    def __len__(self) -> int:
        """The number of batches in an epoch."""
        return self._n_windows // self.batch_size

    def __getitem__(self, step: int) -> Int[Tensor, "batch position"]:
        epoch, index = divmod(require_step(step), len(self))
        if epoch != self._epoch:
            rng = np.random.default_rng([self.seed, epoch])
            self._stream = np.concatenate([self.documents[i] for i in rng.permutation(len(self.documents))])
            self._order = rng.permutation(self._n_windows)
            self._epoch = epoch
        first = self._order[index * self.batch_size : (index + 1) * self.batch_size] * self.length
        return torch.from_numpy(self._stream[first[:, None] + np.arange(self.length + 1)].astype(np.int64))
