import * as L from 'leaflet/dist/leaflet-src.esm.js'

// Shows the point of the two fields and moves them with it; nothing is fetched but the commune's own tiles.
export const start = place => {
  const lat = document.getElementById(place.dataset.lat)
  const lon = document.getElementById(place.dataset.lon)
  place.setAttribute('role', 'application')
  place.setAttribute('aria-label', place.dataset.label)
  const typed = () => {
    const point = [lat.value, lon.value].map(text => Number.parseFloat(text.replace(',', '.')))
    return point.every(Number.isFinite) ? point : null
  }
  const centre = place.dataset.centre.split(',').map(Number)
  const known = centre.length === 2 && centre.every(Number.isFinite)
  // Whose map it is stands below it, in the page itself.
  const map = L.map(place, { attributionControl: false })
  if (typed()) map.setView(typed(), 17)
  else if (known) map.setView(centre, 14)
  else map.setView([46.6, 2.4], 6)
  L.tileLayer(place.dataset.tiles, { maxZoom: 19 }).addTo(map)
  const icon = L.divIcon({ className: 'map-pin', iconSize: [28, 28], iconAnchor: [14, 28] })
  let marker
  const show = point => {
    if (marker) marker.setLatLng(point)
    else marker = L.marker(point, { icon, draggable: true }).addTo(map).on('dragend', () => write(marker.getLatLng()))
  }
  const write = point => {
    lat.value = point.lat.toFixed(6)
    lon.value = point.lng.toFixed(6)
  }
  if (typed()) show(typed())
  map.on('click', event => {
    write(event.latlng)
    show(event.latlng)
  })
  for (const field of [lat, lon]) {
    field.addEventListener('change', () => {
      if (typed()) {
        show(typed())
        map.panTo(typed())
      }
    })
  }
}
