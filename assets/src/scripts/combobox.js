// An editable combobox with a list of suggestions, after the WAI-ARIA authoring practices (list autocomplete, manual
// selection). What is typed stays unless the person chooses a suggestion.
const suggest = (input, box, find, choose) => {
  const list = document.createElement('ul')
  list.className = 'combobox__list'
  list.id = `${input.id}-suggestions`
  list.setAttribute('role', 'listbox')
  list.setAttribute('aria-label', document.querySelector(`label[for="${CSS.escape(input.id)}"]`)?.textContent ?? '')
  list.hidden = true
  const status = document.createElement('p')
  status.className = 'govuk-visually-hidden'
  status.setAttribute('aria-live', 'polite')
  box.append(list, status)
  const set = (name, value) => input.setAttribute(name, value)
  set('role', 'combobox')
  set('aria-autocomplete', 'list')
  set('aria-expanded', 'false')
  set('aria-controls', list.id)
  set('autocomplete', 'off')

  let items = []
  let active = -1
  const close = () => {
    list.hidden = true
    active = -1
    set('aria-expanded', 'false')
    input.removeAttribute('aria-activedescendant')
  }
  const mark = index => {
    active = index
    for (const [at, option] of [...list.children].entries()) option.setAttribute('aria-selected', String(at === index))
    const option = list.children[index]
    if (!option) return input.removeAttribute('aria-activedescendant')
    set('aria-activedescendant', option.id)
    option.scrollIntoView({ block: 'nearest' })
  }
  const take = index => {
    input.value = items[index].label
    choose(items[index])
    close()
  }
  const show = (found, said) => {
    items = found
    list.replaceChildren(...found.map((item, at) => {
      const option = document.createElement('li')
      option.className = 'combobox__option'
      option.id = `${list.id}-${at}`
      option.setAttribute('role', 'option')
      option.setAttribute('aria-selected', 'false')
      option.textContent = item.label
      option.addEventListener('pointerdown', event => event.preventDefault())
      option.addEventListener('click', () => take(at))
      return option
    }))
    list.hidden = found.length === 0
    active = -1
    input.removeAttribute('aria-activedescendant')
    set('aria-expanded', String(found.length > 0))
    status.textContent = said(found.length)
  }
  let turn = 0
  const search = async () => {
    const mine = ++turn
    const found = await find(input.value.trim())
    if (mine !== turn || document.activeElement !== input) return
    if (found) show(found, count => (count ? box.dataset.count.replace('%n', count) : box.dataset.none))
    else close()
  }
  let later
  input.addEventListener('input', () => {
    choose(null)
    clearTimeout(later)
    later = setTimeout(search, 150)
  })
  input.addEventListener('keydown', event => {
    if (event.key === 'Escape' && !list.hidden) {
      event.preventDefault()
      close()
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      if (list.hidden) search()
      else mark((active + (event.key === 'ArrowDown' ? 1 : -1) + items.length) % items.length)
    } else if (event.key === 'Enter' && active >= 0) {
      event.preventDefault()
      take(active)
    }
  })
  input.addEventListener('blur', () => {
    turn++
    close()
  })
}

// Suggestions from the server: `data-source?q=…` answers [{label, value}].
export const combobox = box => {
  const input = box.querySelector('input:not([type=hidden])')
  const key = box.dataset.key ? document.getElementById(box.dataset.key) : null
  const find = async text => {
    if (text.length < 3) return null
    const address = new URL(box.dataset.source, location.href)
    address.searchParams.set('q', text)
    try {
      const answer = await fetch(address, { headers: { Accept: 'application/json' } })
      return answer.ok ? await answer.json() : null
    } catch {
      return null
    }
  }
  suggest(input, box, find, item => {
    if (key) key.value = item?.value ?? ''
  })
}

const plain = text => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()

// A box to type in before a long select, which keeps the answer and stays for who has no scripts.
export const searchableSelect = select => {
  const box = document.createElement('div')
  box.className = 'combobox'
  box.dataset.none = select.dataset.none
  box.dataset.count = select.dataset.count
  const input = document.createElement('input')
  input.className = 'govuk-input'
  input.type = 'text'
  input.id = select.id
  for (const name of ['aria-describedby']) {
    if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name))
  }
  select.id = `${input.id}-choices`
  select.hidden = true
  select.before(box)
  box.append(input)
  const options = [...select.options].filter(option => option.value)
  input.value = select.value ? select.selectedOptions[0].label : ''
  const find = async text => options
    .filter(option => plain(option.label).includes(plain(text)))
    .slice(0, 12)
    .map(option => ({ label: option.label, value: option.value }))
  suggest(input, box, find, item => {
    select.value = item ? item.value : (options.find(option => plain(option.label) === plain(input.value.trim()))?.value ?? '')
  })
}
