from tests.engagement.conftest import remarks, waiting_remark

__all__ = ["remarks", "waiting_remark"]
