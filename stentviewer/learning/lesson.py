"""What a large network teaches a small one: its answers, softened (Hinton et al., 2015)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from stentviewer.core.types import FloatArray
from stentviewer.learning.learner import Rows


@dataclass(frozen=True, eq=False)
class Lesson:
    """The teacher's scores (n, classes) of every row of a run's pictures, as they are read.

    temperature softens both networks' answers; `share` of the loss is to answer as the teacher
    does, the rest to name the class. The teacher's part is multiplied by temperature²: its gradient
    shrinks with that (Hinton et al., 2015, section 2).
    """

    scores: FloatArray
    temperature: float = 4.0
    share: float = 0.7

    def beside(self, targets: torch.Tensor, rows: Rows) -> torch.Tensor:
        """The teacher's softened answers to these rows beside their targets, (b, 2 · classes)."""
        given = torch.from_numpy(np.ascontiguousarray(self.scores[rows], np.float32))
        soft = functional.softmax(given / self.temperature, 1)
        return torch.cat([targets, soft.to(targets.device)], 1)

    def missed(self, scores: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """The loss (b,) of scores (b, classes) against what `beside` gave, mixed or not."""
        named, soft = targets.chunk(2, 1)
        hard = -(named * functional.log_softmax(scores, 1)).sum(1)
        taught = -(soft * functional.log_softmax(scores / self.temperature, 1)).sum(1)
        return (1 - self.share) * hard + self.share * self.temperature**2 * taught

    @property
    def identity(self) -> list[object]:
        """What decides the weights, for a checkpoint."""
        scores = np.ascontiguousarray(self.scores, np.float32)
        said = hashlib.sha256(scores.tobytes()).hexdigest()
        return [said, self.temperature, self.share]
