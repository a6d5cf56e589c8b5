"""Parameter-efficient fine-tuning: methods that train a small part, put on any model of the course from outside."""

from course.peft.attaching import Attached, Method, Part, attach, count, freeze
from course.peft.llama_adapter import LLaMAAdapter
from course.peft.lora import LoRA, LoRALinear
from course.peft.prefix_tuning import PrefixTuning, without_mlp
from course.peft.prompt_tuning import PromptTuning

__all__ = [
    "Attached",
    "LLaMAAdapter",
    "LoRA",
    "LoRALinear",
    "Method",
    "Part",
    "PrefixTuning",
    "PromptTuning",
    "attach",
    "count",
    "freeze",
    "without_mlp",
]
