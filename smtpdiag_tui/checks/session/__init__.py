"""What mail servers say: the conversation, its judgement, certificates, replies."""
