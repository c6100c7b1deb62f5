// Questions that depend on an answer come and go as it is given. The server says which; what somebody has typed
// is never touched, and comes back with its question; what is empty takes what the server knows.
const KEYED = '[data-question]'

// The questions of a form, or those inside a part or a row, not deeper ones.
const within = holder =>
  [...holder.querySelectorAll(KEYED)].filter(one => one.parentElement.closest(`${KEYED}, form`) === holder)

const asks = node => node.querySelector('input:not([type=hidden]), select, textarea')

const merge = (shown, fresh, aside) => {
  const present = new Map(within(shown).map(node => [node.dataset.question, node]))
  const parent = present.values().next().value?.parentElement
  if (!parent) return 0
  let added = 0
  let before = null
  for (const wanted of within(fresh)) {
    const key = wanted.dataset.question
    let node = present.get(key)
    if (node) {
      present.delete(key)
      if (within(wanted).length > 0) added += merge(node, wanted, aside)
      else if (!asks(node)) node.replaceChildren(...wanted.childNodes)
      else {
        relabel(node, wanted)
        complete(node, wanted)
      }
    } else {
      node = aside.get(key) ?? document.importNode(wanted, true)
      aside.delete(key)
      if (before) before.after(node)
      else parent.insertBefore(node, within(shown)[0] ?? null)
      added += 1
    }
    before = node
  }
  for (const [key, node] of present) {
    aside.set(key, node)
    node.remove()
  }
  return added
}

// An answer may make another optional.
const relabel = (node, wanted) => {
  const [labels, others] = [node, wanted].map(it => it.querySelectorAll('label, legend'))
  if (labels.length !== others.length) return
  labels.forEach((label, rank) => {
    if (label.innerHTML !== others[rank].innerHTML) label.replaceChildren(...others[rank].cloneNode(true).childNodes)
  })
}

// What the server knows fills what nobody has typed in.
const complete = (node, wanted) => {
  for (const fresh of wanted.querySelectorAll('input[type=text], input[type=email], input[type=tel]')) {
    const shown = document.getElementById(fresh.id)
    if (shown && node.contains(shown) && !shown.value && shown !== document.activeElement) shown.value = fresh.value
  }
}

export const questions = form => {
  const aside = new Map()
  const spoken = document.createElement('p')
  spoken.className = 'govuk-visually-hidden'
  spoken.setAttribute('aria-live', 'polite')
  form.append(spoken)
  let latest = 0
  form.addEventListener('change', async event => {
    if (event.target.type === 'file') return
    const turn = (latest += 1)
    const sent = new FormData(form)
    for (const [name, value] of [...sent]) if (value instanceof File) sent.delete(name)
    sent.append('refresh', '1')
    // Without an answer the page stays as it is, and brings its questions when it is sent.
    const answer = await fetch(form.action, { method: 'POST', body: sent, headers: { Accept: 'text/html' } }).catch(() => null)
    if (!answer?.ok || turn !== latest) return
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    const fresh = page.querySelector('form[data-questions]')
    if (!fresh || turn !== latest) return
    const added = merge(form, fresh, aside)
    if (added > 0) {
      spoken.textContent = form.dataset.questions
      document.dispatchEvent(new Event('questions:added'))
    }
  })
}
