// A part of the page fetches itself again at each event of its stream; several events in a row make one fetch.
export const live = part => {
  const stream = new EventSource(part.dataset.live)
  let waiting
  const refresh = () => {
    clearTimeout(waiting)
    waiting = setTimeout(async () => {
      if (!part.isConnected) return stream.close()
      const answer = await fetch(part.dataset.liveFrom || location.href, { headers: { Accept: 'text/html' } })
      if (!answer.ok) return
      const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById(part.id)
      // Never under the hands of somebody who is reading or typing in it.
      if (fresh && !part.contains(document.activeElement)) part.replaceChildren(...fresh.childNodes)
    }, 300)
  }
  stream.onmessage = refresh
  stream.addEventListener('change', refresh)
}
