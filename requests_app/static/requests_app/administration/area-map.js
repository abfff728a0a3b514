// <area-map>: the areas of a version by what it does to them. What it shows it reads from the page.

import { PinMap } from "../pin-map.js";

const LOOKS = {
  new: { color: "#0d5a54", weight: 2, fillColor: "#0d5a54", fillOpacity: 0.3 },
  changed: { color: "#8a4b00", weight: 2, fillColor: "#e0a030", fillOpacity: 0.35 },
  same: { color: "#3d4f9e", weight: 1.5, fillColor: "#3d4f9e", fillOpacity: 0.06 },
  ended: { color: "#9b1c1c", weight: 2, dashArray: "5 5", fillColor: "#9b1c1c", fillOpacity: 0.12 },
};

class AreaMap extends PinMap {
  connectedCallback() {
    super.connectedCallback();
    this.ready?.then(() => this.showAreas());
  }

  showAreas() {
    const areas = JSON.parse(document.getElementById(this.dataset.areas).textContent);
    const layers = areas.map((area) => this.shape(area).addTo(this.map));
    const bounds = layers.reduce((all, layer) => all.extend(layer.getBounds()), L.latLngBounds([]));
    if (bounds.isValid()) this.map.setMaxBounds(bounds.extend(this.bounds).pad(0.6)).fitBounds(bounds, { padding: [4, 4], animate: false });
  }

  shape({ name, look, geometry }) {
    const layer = L.geoJSON(geometry, { style: LOOKS[look] });
    const words = document.createElement("span");
    words.textContent = name;
    return layer.bindTooltip(words, { sticky: true });
  }
}

customElements.define("area-map", AreaMap);
