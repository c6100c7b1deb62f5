// Comfort on top of pages that work without it.
import { autosave } from './autosave.js'
import { combobox, searchableSelect } from './combobox.js'
import { characterCount, focusFirst, insertion, menu, once, printing, tickAll } from './small.js'
import { live } from './live.js'
import { questions } from './questions.js'
import { shortcuts } from './shortcuts.js'
import { lazyMap } from './map-loader.js'
import { passkey } from './passkey.js'
import { preview } from './preview.js'
import { signature } from './signature.js'

const enhance = root => {
  for (const [selector, start] of [
    ['[data-live]', live],
    ['[data-combobox]', combobox],
    ['select[data-searchable]', searchableSelect],
    ['[data-count-limit]', characterCount],
    ['[data-print]', printing],
    ['[data-tick-all]', tickAll],
    ['[data-insert-into]', insertion],
    ['details.menu, details.site-menu', menu],
    ['[data-map]', lazyMap],
    ['form[data-questions]', questions],
    ['[data-passkey]', passkey],
    ['[data-shortcuts]', shortcuts],
    ['form[data-preview]', preview],
    ['form[data-autosave]', autosave],
    ['[data-signature]', signature],
  ]) {
    for (const element of root.querySelectorAll(selector)) {
      if (!element.dataset.started) {
        element.dataset.started = 'true'
        start(element)
      }
    }
  }
}

document.documentElement.classList.add('scripted')
enhance(document)
once()
focusFirst()
for (const event of ['live:refreshed', 'questions:added']) {
  document.addEventListener(event, () => enhance(document))
}
