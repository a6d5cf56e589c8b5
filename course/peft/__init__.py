"""Parameter-efficient fine-tuning: methods that train a small part, put on any model of the course from outside."""

from course.peft.adalora import AdaLoRA
from course.peft.adalora_linear import AdaLoRALinear
from course.peft.attaching import Attached, attach, count, freeze
from course.peft.dora import DoRA, DoRALinear
from course.peft.lora import LoRA, LoRALinear
from course.peft.merging import MergeablePart, merge
from course.peft.method import Method, Part
from course.peft.rank_allocator import Allocation, RankAllocator
from course.peft.saving import load, save

__all__ = [
    "AdaLoRA",
    "AdaLoRALinear",
    "Allocation",
    "Attached",
    "DoRA",
    "DoRALinear",
    "LoRA",
    "LoRALinear",
    "MergeablePart",
    "Method",
    "Part",
    "RankAllocator",
    "attach",
    "count",
    "freeze",
    "load",
    "merge",
    "save",
]
