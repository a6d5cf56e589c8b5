"""Parameter-efficient fine-tuning: methods that train a small part, put on any model of the course from outside."""

from course.peft.adalora import AdaLoRA
from course.peft.adalora_linear import AdaLoRALinear
from course.peft.attaching import Attached, Method, Part, attach, count, freeze
from course.peft.lora import LoRA, LoRALinear
from course.peft.rank_allocator import Allocation, RankAllocator

__all__ = [
    "AdaLoRA",
    "AdaLoRALinear",
    "Allocation",
    "Attached",
    "LoRA",
    "LoRALinear",
    "Method",
    "Part",
    "RankAllocator",
    "attach",
    "count",
    "freeze",
]
