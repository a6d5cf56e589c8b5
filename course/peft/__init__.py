"""Parameter-efficient fine-tuning: methods that train a small part, put on any model of the course from outside."""

from course.peft.adapters import HoulsbyAdapters, PfeifferAdapters
from course.peft.attaching import Attached, Method, Part, attach, count, freeze
from course.peft.bitfit import QUERY_AND_UP, BitFit
from course.peft.bottleneck import Adapter
from course.peft.fusion import AdapterFusion, fuse
from course.peft.fusion_attention import FusionAttention, fusion_attention, fusion_penalty, record_fusion
from course.peft.lora import LoRA, LoRALinear

__all__ = [
    "QUERY_AND_UP",
    "Adapter",
    "AdapterFusion",
    "Attached",
    "BitFit",
    "FusionAttention",
    "HoulsbyAdapters",
    "LoRA",
    "LoRALinear",
    "Method",
    "Part",
    "PfeifferAdapters",
    "attach",
    "count",
    "freeze",
    "fuse",
    "fusion_attention",
    "fusion_penalty",
    "record_fusion",
]
