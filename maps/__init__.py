"""How places are drawn: tiles, cells, folium layers and map pages."""
