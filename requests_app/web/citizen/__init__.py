"""The citizen's pages: report, follow, find; and the doors for staff and for visitors of the demo."""
