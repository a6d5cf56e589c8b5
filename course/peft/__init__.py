"""Parameter-efficient fine-tuning: methods that train a small part, put on any model of the course from outside."""

from course.peft.attaching import Attached, Method, Part, attach, count, freeze
from course.peft.lora import LoRA, LoRALinear

__all__ = ["Attached", "LoRA", "LoRALinear", "Method", "Part", "attach", "count", "freeze"]
