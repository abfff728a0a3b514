// <moved-map>: the requests of a rehearsal that would go to another office. What it shows it reads from the page.

import { PinMap } from "../pin-map.js";

class MovedMap extends PinMap {
  connectedCallback() {
    super.connectedCallback();
    this.ready?.then(() => this.showMoved());
  }

  showMoved() {
    const points = JSON.parse(document.getElementById(this.dataset.points).textContent);
    for (const point of points) {
      L.circleMarker([point.lat, point.lon], { radius: 5, weight: 1.5, color: "#ffffff", fillColor: "#0d5a54", fillOpacity: 0.85 })
        .bindPopup(() => this.words(point))
        .addTo(this.map);
    }
    if (points.length) this.map.fitBounds(L.latLngBounds(points.map((point) => [point.lat, point.lon])).pad(0.15), { maxZoom: 16, animate: false });
  }

  words(point) {
    const box = document.createElement("div");
    box.className = "moved-words";
    const link = document.createElement("a");
    link.href = point.address;
    link.textContent = point.reference;
    box.append(link, point.words);
    return box;
  }
}

customElements.define("moved-map", MovedMap);
