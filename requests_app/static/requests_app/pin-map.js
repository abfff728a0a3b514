// <pin-map>: the city's own ground as vector features, with the pins of recent requests, one fixed pin, or one pin
// to put by pointer, keyboard, address or device position. Works on Leaflet (window.L); draws no tiles from elsewhere.

const LAND = "#f6f1e6";
const WATER = "#b9d8e2";
const POLYGONS = {
  boundary: { fillColor: LAND, fillOpacity: 1, color: "#8a8f86", weight: 1.5, dashArray: "6 4" },
  lake: { fillColor: WATER, fillOpacity: 1, color: "#8fbccb", weight: 1 },
  river: { fillColor: WATER, fillOpacity: 1, color: "#8fbccb", weight: 1 },
  pond: { fillColor: WATER, fillOpacity: 1, color: "#8fbccb", weight: 1 },
  island: { fillColor: LAND, fillOpacity: 1, color: "#8fbccb", weight: 1 },
  park: { fillColor: "#cfe2c3", fillOpacity: 1, color: "#b3cda4", weight: 1 },
};
const LINES = {
  creek: { color: WATER, weight: 2.5 },
  rail: { color: "#6f7b7c", weight: 1.6, dashArray: "7 4" },
  highway: { color: "#e8b866", weight: 4 },
  bridge: { color: "#ffffff", weight: 4 },
};
// By rank: 1 is drawn first from far away.
const STREET_WEIGHTS = [5, 5, 4.5, 4, 3, 1.8, 1.2];
const NAMED = { area_neighbourhood: "far", lake: "far", river: "far", island: "far", park: "near", landmark: "near" };
const PAINT_ORDER = ["boundary", "lake", "river", "pond", "island", "park", "creek", "street", "highway", "rail", "bridge", "area"];
const PIN_COLOURS = { new: "#3d4f9e", work: "#0d5a54", handoff: "#6d3a8c", paused: "#8a4b00", closed: "#1d6b3c" };
const STEP_PIXELS = 10;
const CLOSE = 17;

const wantsStill = matchMedia("(prefers-reduced-motion: reduce)").matches;

function language() {
  return document.documentElement.lang.slice(0, 2);
}

function order(kind) {
  const found = PAINT_ORDER.findIndex((prefix) => kind.startsWith(prefix));
  return found < 0 ? PAINT_ORDER.length : found;
}

function styleOf({ kind, rank }) {
  if (POLYGONS[kind]) return { ...POLYGONS[kind], interactive: false };
  if (LINES[kind]) return { ...LINES[kind], fill: false, interactive: false };
  if (kind.startsWith("street")) {
    const weight = STREET_WEIGHTS[rank] ?? 1.8;
    return { color: weight > 2.5 ? "#d6c8a4" : "#dad4c6", weight, fill: false, interactive: false };
  }
  if (kind === "area_ward" || kind === "area_district") return { fill: false, color: "#8a8f86", weight: 1, dashArray: "2 5", interactive: false };
  return { fill: false, stroke: false, interactive: false };
}

export class PinMap extends HTMLElement {
  connectedCallback() {
    if (!window.L || this.map) return;
    this.frame = document.createElement("div");
    this.frame.className = "map__frame";
    this.append(this.frame);
    const holdsPin = Boolean(this.dataset.latField);
    this.map = L.map(this.frame, {
      attributionControl: false,
      zoomControl: false,
      keyboard: false,
      scrollWheelZoom: holdsPin,
      preferCanvas: true,
      zoomSnap: 0.1,
      zoomDelta: 1,
      zoomAnimation: !wantsStill,
      fadeAnimation: !wantsStill,
      markerZoomAnimation: !wantsStill,
    });
    this.map.setView([0, 0], 2);
    L.control.zoom({ position: "topright", zoomInTitle: this.dataset.zoomIn, zoomOutTitle: this.dataset.zoomOut }).addTo(this.map);
    L.control.scale({ imperial: false }).addTo(this.map);
    this.frame.setAttribute("role", holdsPin ? "application" : "region");
    this.frame.setAttribute("aria-label", this.dataset.label);
    this.frame.tabIndex = 0;
    this.ready = this.paint();
    if (this.dataset.pins) this.ready.then(() => this.showPins());
    if (holdsPin) this.holdPin();
    else if (this.dataset.lat) this.showPlace();
    this.frame.addEventListener("keydown", (event) => this.keyed(event));
  }

  async paint() {
    const answer = await fetch(this.dataset.base);
    const ground = await answer.json();
    const features = ground.features.sort((a, b) => order(a.properties.kind) - order(b.properties.kind));
    this.drawn = L.geoJSON(
      features.filter((feature) => feature.geometry.type !== "Point"),
      { style: (feature) => styleOf(feature.properties), interactive: false },
    ).addTo(this.map);
    this.name(features);
    const boundary = features.find((feature) => feature.properties.kind === "boundary");
    this.bounds = boundary ? L.geoJSON(boundary).getBounds() : this.drawn.getBounds();
    if (!this.pin && !this.dataset.lat && this.bounds.isValid()) this.map.fitBounds(this.bounds, { padding: [2, 2], animate: false });
    if (this.bounds.isValid()) this.map.setMaxBounds(this.bounds.pad(0.6));
    this.map.setMinZoom(Math.max(2, this.map.getBoundsZoom(this.bounds.pad(0.3))));
    this.dataset.ready = "yes";
  }

  // Names of quarters and waters; street names only when close enough to read them.
  name(features) {
    this.streets = [];
    this.streetNames = L.layerGroup();
    this.nearNames = L.layerGroup();
    this.placeNames = L.layerGroup();
    const spoken = language();
    for (const { properties, geometry } of features) {
      const words = properties.names?.[spoken] || properties.names?.en;
      if (!words || properties.kind === "boundary") continue;
      if (properties.kind.startsWith("street")) this.streets.push(streetLines(words, geometry));
      else if (NAMED[properties.kind]) {
        const layer = NAMED[properties.kind] === "near" ? this.nearNames : this.placeNames;
        const centre = L.geoJSON(geometry).getBounds().getCenter();
        label(words, centre, `map-label map-label--${properties.kind}`).addTo(layer);
      }
    }
    this.map.on("zoomend", () => this.widen());
    this.map.on("moveend", () => this.showNames());
    this.showNames();
  }

  // Streets grow as one comes closer, as on paper.
  widen() {
    const zoom = this.map.getZoom();
    const factor = zoom >= 16 ? 3.5 : zoom >= 14.5 ? 1.8 : 1;
    if (factor === this.factor) return;
    this.factor = factor;
    this.drawn.eachLayer((layer) => {
      const style = styleOf(layer.feature.properties);
      if (style.weight && !style.fillColor && !style.dashArray) layer.setStyle({ weight: style.weight * factor });
    });
  }

  showNames() {
    const zoom = this.map.getZoom();
    toggle(this.map, this.placeNames, zoom >= 12.5 && zoom < 16);
    toggle(this.map, this.nearNames, zoom >= 15);
    toggle(this.map, this.streetNames, zoom >= 15.5);
    this.streetNames.clearLayers();
    if (zoom >= 15.5) this.nameStreets();
  }

  // Each street in view is named once, on the piece nearest to the middle of the map.
  nameStreets() {
    const view = this.map.getBounds().pad(-0.08);
    const centre = this.map.getCenter();
    for (const { words, box, pieces } of this.streets) {
      if (!view.intersects(box)) continue;
      const seen = pieces.filter((piece) => view.contains(piece.at));
      if (!seen.length) continue;
      const nearest = seen.reduce((best, piece) => (piece.at.distanceTo(centre) < best.at.distanceTo(centre) ? piece : best));
      label(words, nearest.at, "map-label map-label--street", nearest.degrees).addTo(this.streetNames);
    }
  }

  // --- One pin to put ---------------------------------------------------------------------------------------------

  holdPin() {
    this.latField = document.getElementById(this.dataset.latField);
    this.lonField = document.getElementById(this.dataset.lonField);
    this.output = document.createElement("output");
    this.output.className = "map__said";
    this.output.setAttribute("aria-live", "polite");
    this.output.textContent = this.dataset.start;
    const tools = document.createElement("div");
    tools.className = "map__tools";
    tools.append(this.output);
    if (navigator.geolocation) tools.append(this.locateButton());
    this.append(tools);
    this.map.on("click", (event) => this.move(event.latlng));
    const results = document.getElementById(this.dataset.resultsField);
    results?.addEventListener("change", ({ target }) => {
      this.overruled = false;
      if (target.dataset.lat) this.put(L.latLng(target.dataset.lat, target.dataset.lon), CLOSE);
    });
    const chosen = results?.querySelector("input:checked");
    if (chosen) this.put(L.latLng(chosen.dataset.lat, chosen.dataset.lon), CLOSE);
    else if (this.dataset.lat) this.put(L.latLng(this.dataset.lat, this.dataset.lon), CLOSE);
  }

  locateButton() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button--plain button--small";
    button.textContent = this.dataset.locate;
    button.addEventListener("click", () => {
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => this.here(L.latLng(coords.latitude, coords.longitude)),
        () => (this.output.textContent = this.dataset.locateFailed),
        { enableHighAccuracy: true, timeout: 10000 },
      );
    });
    return button;
  }

  // A device far away says so; the map stays where the city is.
  async here(where) {
    await this.ready;
    if (this.bounds?.isValid() && !this.bounds.pad(0.25).contains(where)) this.output.textContent = this.dataset.locateFar;
    else this.move(where, CLOSE);
  }

  // The pin was put by hand: an address that was chosen before no longer counts.
  move(where, zoom) {
    const chosen = document.getElementById(this.dataset.resultsField)?.querySelector("input:checked");
    if (chosen) chosen.checked = false;
    this.overruled = Boolean(chosen);
    this.put(where, zoom);
  }

  put(where, zoom) {
    if (!this.pin) {
      this.pin = pinAt(where, true).addTo(this.map);
      this.pin.on("dragend", () => this.move(this.pin.getLatLng()));
    }
    this.pin.setLatLng(where);
    this.latField.value = where.lat.toFixed(6);
    this.lonField.value = where.lng.toFixed(6);
    if (zoom) this.map.setView(where, zoom, { animate: !wantsStill });
    else this.map.panInside(where, { padding: [60, 60], animate: !wantsStill });
    this.dispatchEvent(new CustomEvent("pin:put", { detail: { lat: this.latField.value, lon: this.lonField.value } }));
    clearTimeout(this.asking);
    this.asking = setTimeout(() => this.say(where), 300);
  }

  async say(where) {
    const asked = new URLSearchParams({ lat: where.lat.toFixed(6), lon: where.lng.toFixed(6) });
    const answer = await fetch(`${this.dataset.spot}?${asked}`);
    if (!answer.ok) return;
    this.output.innerHTML = await answer.text();
    if (this.overruled) this.output.prepend(`${this.dataset.counts} `);
  }

  keyed(event) {
    const moves = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
    if (event.key === "+" || event.key === "=") this.map.zoomIn(1);
    else if (event.key === "-") this.map.zoomOut(1);
    else if (moves[event.key] && event.target === this.frame) this.arrow(moves[event.key], event.shiftKey ? 10 : 1);
    else return;
    event.preventDefault();
  }

  arrow([x, y], times) {
    if (!this.latField) return this.map.panBy([x * 80, y * 80], { animate: !wantsStill });
    const from = this.pin ? this.pin.getLatLng() : this.map.getCenter();
    const there = this.map.latLngToContainerPoint(from).add([x * STEP_PIXELS * times, y * STEP_PIXELS * times]);
    this.move(this.map.containerPointToLatLng(there));
  }

  // --- Pins to look at --------------------------------------------------------------------------------------------

  showPlace() {
    const where = L.latLng(this.dataset.lat, this.dataset.lon);
    this.map.setView(where, 16, { animate: false });
    pinAt(where, false).addTo(this.map);
  }

  async showPins() {
    const answer = await fetch(this.dataset.pins);
    const { pins } = await answer.json();
    for (const one of pins.reverse()) {
      L.circleMarker([one.lat, one.lon], {
        radius: one.kind === "closed" ? 4 : 6, weight: 1.5, color: "#ffffff", fillOpacity: one.kind === "closed" ? 0.55 : 0.95,
        fillColor: PIN_COLOURS[one.kind],
      }).bindPopup(() => this.card(one)).addTo(this.map);
    }
    this.dataset.pinned = String(pins.length);
  }

  card(one) {
    const card = document.createElement("div");
    const link = document.createElement("a");
    link.href = `${this.dataset.request}${one.reference}/`;
    link.textContent = one.service;
    const more = document.createElement("p");
    more.textContent = [one.address, one.status].filter(Boolean).join(" · ");
    card.append(link, more);
    return card;
  }
}

// A street as pieces of at most a block: the middle of each, and the slope at which its name reads upright.
function streetLines(words, geometry) {
  const lines = geometry.type === "MultiLineString" ? geometry.coordinates : [geometry.coordinates];
  const pieces = lines.flatMap((line) => line.slice(1).flatMap((b, index) => blocks(line[index], b)));
  return { words, box: L.latLngBounds(lines.flat().map(([lon, lat]) => [lat, lon])), pieces };
}

const BLOCK_DEGREES = 0.0012;

function blocks(a, b) {
  const shrink = Math.cos((a[1] * Math.PI) / 180);
  const slope = (-Math.atan2(b[1] - a[1], (b[0] - a[0]) * shrink) * 180) / Math.PI;
  const degrees = slope > 90 ? slope - 180 : slope < -90 ? slope + 180 : slope;
  const count = Math.ceil(Math.hypot(b[0] - a[0], b[1] - a[1]) / BLOCK_DEGREES) || 1;
  return Array.from({ length: count }, (_, number) => {
    const share = (number + 0.5) / count;
    return { at: L.latLng(a[1] + (b[1] - a[1]) * share, a[0] + (b[0] - a[0]) * share), degrees };
  });
}

function pinAt(where, movable) {
  const icon = L.divIcon({ className: "map-pin", iconSize: [34, 44], iconAnchor: [17, 42], html: '<svg viewBox="0 0 34 44"><path d="M17 2c8.3 0 15 6.6 15 14.8C32 27 17 42 17 42S2 27 2 16.8C2 8.6 8.7 2 17 2z"/><circle cx="17" cy="16.5" r="5.5"/></svg>' });
  return L.marker(where, { icon, draggable: movable, keyboard: false, interactive: movable, autoPan: true });
}

function label(words, where, className, degrees = 0) {
  const text = document.createElement("span");
  text.textContent = words;
  if (degrees) text.style.transform = `translate(-50%, -50%) rotate(${degrees.toFixed(0)}deg)`;
  return L.marker(where, { icon: L.divIcon({ className, html: text, iconSize: [0, 0] }), interactive: false, keyboard: false });
}

function toggle(map, layer, wanted) {
  if (wanted && !map.hasLayer(layer)) layer.addTo(map);
  if (!wanted && map.hasLayer(layer)) layer.remove();
}

customElements.define("pin-map", PinMap);
