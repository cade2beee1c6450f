"""The test bed of the Windows side: Windows programs that run under Wine, seen from Linux."""
