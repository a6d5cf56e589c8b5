"""Widgets of the lesson on RAG."""
