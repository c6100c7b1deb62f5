// A frame in which somebody signs with a finger, a pen or a mouse. What is drawn goes into the hidden field as a PNG; whoever
// cannot draw has the name and the box beside it.
const [WIDTH, HEIGHT] = [600, 200]

export const signature = holder => {
  const field = holder.querySelector('input[type="hidden"]')
  const label = document.createElement('p')
  label.className = 'govuk-label'
  label.textContent = holder.dataset.signature
  const canvas = document.createElement('canvas')
  canvas.className = 'signature'
  canvas.width = WIDTH
  canvas.height = HEIGHT
  canvas.setAttribute('role', 'img')
  canvas.setAttribute('aria-label', holder.dataset.signature)
  const clear = document.createElement('button')
  clear.type = 'button'
  clear.className = 'govuk-button govuk-button--quiet'
  clear.textContent = holder.dataset.signatureClear
  holder.append(label, canvas, clear)
  const pen = canvas.getContext('2d')
  pen.lineWidth = 4
  pen.lineCap = 'round'
  pen.lineJoin = 'round'
  pen.strokeStyle = '#10203a'
  if (field.value) {
    // The page came back for another reason: what was drawn is not drawn again.
    const before = new Image()
    before.addEventListener('load', () => pen.drawImage(before, 0, 0))
    before.src = field.value
  }
  const at = event => {
    const frame = canvas.getBoundingClientRect()
    return [(event.clientX - frame.left) * WIDTH / frame.width, (event.clientY - frame.top) * HEIGHT / frame.height]
  }
  let drawing = false
  canvas.addEventListener('pointerdown', event => {
    event.preventDefault()
    drawing = true
    canvas.setPointerCapture(event.pointerId)
    pen.beginPath()
    pen.moveTo(...at(event))
  })
  canvas.addEventListener('pointermove', event => {
    if (!drawing) return
    pen.lineTo(...at(event))
    pen.stroke()
  })
  const end = () => {
    if (!drawing) return
    drawing = false
    field.value = canvas.toDataURL('image/png')
  }
  canvas.addEventListener('pointerup', end)
  canvas.addEventListener('pointercancel', end)
  clear.addEventListener('click', () => {
    pen.clearRect(0, 0, WIDTH, HEIGHT)
    field.value = ''
  })
}
