"""Parameter-efficient fine-tuning: methods that train a small part, put on any model of the course from outside."""

from course.peft.attaching import Attached, attach, count, freeze
from course.peft.dora import DoRA, DoRALinear
from course.peft.llama_adapter import LLaMAAdapter
from course.peft.lora import LoRA, LoRALinear
from course.peft.merging import MergeablePart, merge
from course.peft.method import Method, Part
from course.peft.prefix_tuning import PrefixTuning, without_mlp
from course.peft.prompt_tuning import PromptTuning
from course.peft.saving import load, save

__all__ = [
    "Attached",
    "DoRA",
    "DoRALinear",
    "LLaMAAdapter",
    "LoRA",
    "LoRALinear",
    "MergeablePart",
    "Method",
    "Part",
    "PrefixTuning",
    "PromptTuning",
    "attach",
    "count",
    "freeze",
    "load",
    "merge",
    "save",
    "without_mlp",
]
