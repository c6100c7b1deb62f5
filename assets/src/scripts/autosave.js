// A long form keeps what is typed by itself: a second after a change its fields are sent, without its files, and a line says
// that they are kept. A file that is chosen is sent at once, with everything else: it shows where it belongs.
const LATER = 1000

export const autosave = form => {
  const said = document.createElement('p')
  said.className = 'autosave'
  said.setAttribute('role', 'status')
  form.prepend(said)
  let waiting
  let running
  const send = async () => {
    const fields = new FormData(form)
    for (const input of form.querySelectorAll('input[type="file"]')) fields.delete(input.name)
    fields.set('seul', 'oui')
    running?.abort()
    running = new AbortController()
    try {
      const answer = await fetch(form.action, { method: 'POST', body: fields, signal: running.signal })
      said.textContent = answer.ok ? form.dataset.autosave : form.dataset.autosaveFailed
      said.classList.toggle('autosave--failed', !answer.ok)
    } catch (error) {
      if (error.name === 'AbortError') return
      said.textContent = form.dataset.autosaveFailed
      said.classList.add('autosave--failed')
    }
  }
  const soon = () => {
    clearTimeout(waiting)
    waiting = setTimeout(send, LATER)
  }
  form.addEventListener('input', event => {
    if (event.target.type !== 'file') soon()
  })
  form.addEventListener('change', event => {
    const input = event.target
    if (input.type !== 'file' || input.files.length === 0) return
    clearTimeout(waiting)
    running?.abort()
    form.requestSubmit(input.closest('fieldset')?.querySelector('button[name="vers"]') ?? undefined)
  })
  form.addEventListener('submit', () => {
    clearTimeout(waiting)
    running?.abort()
  })
}
