"""The sales conversation: a LangGraph state machine."""
