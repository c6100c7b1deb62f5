// Parts of the page fetch themselves again at each event of their stream; several events in a row make one fetch.
// `data-live` names the stream, `data-live-parts` the ids of the parts where they are not the element itself,
// `data-live-said` what a screen reader is told when something has changed, and `data-live-quiet` the parts whose
// change is no news.
const typed = control => {
  if (control.type === 'file') return control.files.length > 0
  if (control.type === 'checkbox' || control.type === 'radio') return control.checked !== control.defaultChecked
  return control.defaultValue !== undefined && control.value !== control.defaultValue
}

// Never under the hands of somebody who is reading or typing in it.
const inUse = part =>
  part.contains(document.activeElement) || [...part.querySelectorAll('input, textarea')].some(typed)

export const live = holder => {
  const stream = new EventSource(holder.dataset.live)
  const quiet = holder.dataset.liveQuiet?.split(' ') ?? []
  const ids = holder.dataset.liveParts?.split(' ') ?? [holder.id]
  const spoken = document.createElement('p')
  spoken.className = 'govuk-visually-hidden'
  spoken.setAttribute('role', 'status')
  if (holder.dataset.liveSaid) holder.after(spoken)
  // What the server wrote is compared, not what scripts have made of it since.
  const written = new Map(ids.map(id => [id, document.getElementById(id)?.innerHTML]))
  let waiting
  // Whoever fetches a page is held to have read it: one that nobody sees waits until somebody does.
  let due = false
  const refresh = () => {
    clearTimeout(waiting)
    waiting = setTimeout(async () => {
      if (!holder.isConnected) return stream.close()
      due = document.hidden
      if (due) return
      const answer = await fetch(location.href, { headers: { Accept: 'text/html' } }).catch(() => null)
      if (!answer?.ok) return
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
      let changed = false
      let news = false
      for (const id of ids) {
        const [shown, fresh] = [document.getElementById(id), page.getElementById(id)]
        if (!shown || !fresh || written.get(id) === fresh.innerHTML || inUse(shown)) continue
        written.set(id, fresh.innerHTML)
        shown.replaceChildren(...fresh.childNodes)
        changed = true
        news ||= !quiet.includes(id)
      }
      if (!changed) return
      document.dispatchEvent(new Event('live:refreshed'))
      if (!news) return
      spoken.textContent = ''
      spoken.textContent = holder.dataset.liveSaid ?? ''
    }, 300)
  }
  stream.onmessage = refresh
  document.addEventListener('visibilitychange', () => {
    if (due && !document.hidden) refresh()
  })
}
