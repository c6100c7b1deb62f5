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
    const text = (left < 0 ? group.dataset.over : group.dataset.left).replace('%n', Math.abs(left).toLocaleString(document.documentElement.lang))
    shown.textContent = text
    shown.classList.toggle('character-count--over', left < 0)
    clearTimeout(later)
    later = setTimeout(() => { spoken.textContent = text }, 1000)
  }
  area.addEventListener('input', update)
  update()
}

// One link ticks every box of a name that is on the page, or unticks them again.
export const tickAll = link => {
  const boxes = () => [...document.querySelectorAll('input[type="checkbox"]')].filter(box => box.name === link.dataset.tickAll)
  const [all, none] = [link.textContent, link.dataset.tickNone]
  const update = () => {
    const shown = boxes()
    // Whoever has ticked something is about to do something with it.
    const what = link.closest('.batch')?.querySelector('details')
    if (what && shown.some(box => box.checked)) what.open = true
    link.textContent = shown.length > 0 && shown.every(box => box.checked) ? none : all
  }
  link.addEventListener('click', event => {
    event.preventDefault()
    const ticked = link.textContent === all
    for (const box of boxes()) box.checked = ticked
    update()
  })
  document.addEventListener('change', update)
  document.addEventListener('live:refreshed', update)
  update()
}

// A reply template is added after what is written already: no word is lost, and the page stays where it is.
export const insertion = holder => {
  holder.querySelector('button').addEventListener('click', event => {
    const area = document.getElementById(holder.dataset.insertInto)
    const text = holder.querySelector('select')?.selectedOptions[0]?.dataset.text
    if (!area || text === undefined) return
    event.preventDefault()
    area.value = area.value.trim() ? `${area.value.trimEnd()}\n\n${text}` : text
    area.focus()
    area.dispatchEvent(new Event('input', { bubbles: true }))
  })
}

// The menus of the header close on Escape, and give the focus back to their button.
export const menu = details => {
  details.addEventListener('keydown', event => {
    if (event.key !== 'Escape' || !details.open) return
    details.open = false
    details.querySelector('summary').focus()
  })
}
