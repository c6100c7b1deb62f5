// The map is loaded only on a page that has one.
export const lazyMap = async place => {
  const style = document.createElement('link')
  style.rel = 'stylesheet'
  style.href = place.dataset.style
  document.head.append(style)
  const { start } = await import(place.dataset.script)
  place.hidden = false
  start(place)
}
