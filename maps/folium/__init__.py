"""Maps drawn with folium, each a page of its own under a sandboxed policy, shown in a frame."""
