// A second click on a button that sends is ignored; the page comes back usable from the browser's history.
export const once = () => {
  document.addEventListener('submit', event => {
    const form = event.target
    if (form.method !== 'post') return
    if (form.dataset.sent) event.preventDefault()
    else if (!event.defaultPrevented) form.dataset.sent = 'true'
  })
  window.addEventListener('pageshow', () => {
    for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent
  })
}

// The error summary or the success banner is what the reader must hear first.
export const focusFirst = () => document.querySelector('[data-focus]')?.focus()

export const printing = button => {
  button.hidden = false
  button.addEventListener('click', () => window.print())
}

export const characterCount = group => {
  const area = group.querySelector('textarea')
  const limit = Number(group.dataset.countLimit)
  const shown = document.createElement('p')
  shown.className = 'govuk-hint character-count'
  const spoken = document.createElement('p')
  spoken.className = 'govuk-visually-hidden'
  spoken.setAttribute('aria-live', 'polite')
  area.after(shown, spoken)
  let later
  const update = () => {
    const left = limit - [...area.value].length
    const text = (left < 0 ? group.dataset.over : group.dataset.left).replace('%n', Math.abs(left))
    shown.textContent = text
    shown.classList.toggle('character-count--over', left < 0)
    clearTimeout(later)
    later = setTimeout(() => { spoken.textContent = text }, 1000)
  }
  area.addEventListener('input', update)
  update()
}
