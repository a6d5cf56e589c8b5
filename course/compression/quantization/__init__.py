"""Quantization: weights as small whole numbers, each row or group of them with a scale of its own."""

from course.compression.quantization.error import channel_errors, output_error
from course.compression.quantization.kernels import PackedMatrix, largest_that_fits, saturated_product, whole_product
from course.compression.quantization.linear import QuantizedEmbedding, QuantizedLinear, QuantizedWeight
from course.compression.quantization.model import quantize
from course.compression.quantization.packing import pack_nibbles, unpack_nibbles
from course.compression.quantization.rounding import Quantized, round_matrix
from course.compression.quantization.scheme import INT4, INT8, INT8_PER_TENSOR, Q4_1, Scheme
from course.compression.quantization.size import file_bytes, memory_bytes

__all__ = [
    "INT4",
    "INT8",
    "INT8_PER_TENSOR",
    "Q4_1",
    "PackedMatrix",
    "Quantized",
    "QuantizedEmbedding",
    "QuantizedLinear",
    "QuantizedWeight",
    "Scheme",
    "channel_errors",
    "file_bytes",
    "largest_that_fits",
    "memory_bytes",
    "output_error",
    "pack_nibbles",
    "quantize",
    "round_matrix",
    "saturated_product",
    "unpack_nibbles",
    "whole_product",
]
