// While a question is written, the page beside it shows how it will be seen. `data-preview` is where that is asked; what
// is typed is kept nowhere. Where it cannot be shown for a while, what was shown last stays, paler.
export const preview = form => {
  const frame = document.querySelector('[data-preview-frame]')
  let waiting
  let turn = 0
  const refresh = async () => {
    const mine = ++turn
    const body = new URLSearchParams(new FormData(form))
    const answer = await fetch(form.dataset.preview, { method: 'POST', body }).catch(() => null)
    const text = answer?.ok ? await answer.text() : ''
    if (mine !== turn) return
    frame.classList.toggle('builder-stale', !text)
    const shown = frame.contentDocument?.querySelector('main')
    const fresh = text && new DOMParser().parseFromString(text, 'text/html').querySelector('main')
    if (!shown || !fresh) return
    shown.replaceWith(fresh)
    frame.contentDocument.dispatchEvent(new Event('live:refreshed'))
  }
  form.addEventListener('input', () => {
    clearTimeout(waiting)
    waiting = setTimeout(refresh, 400)
  })
}
