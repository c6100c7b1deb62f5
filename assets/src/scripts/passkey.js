// Passkeys: the challenge is asked of the page's address, the authenticator answers, and the form is sent with its
// answer. Shown only where the browser knows passkeys.
export const passkey = box => {
  const form = box.querySelector('form')
  const said = box.querySelector('[data-passkey-said]')
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) return
  const making = box.dataset.passkey.startsWith('/compte')
  box.hidden = false

  form.addEventListener('submit', async event => {
    if (form.elements.answer.value) return
    event.preventDefault()
    event.stopImmediatePropagation()
    said.textContent = ''
    try {
      const reply = await fetch(`${box.dataset.passkey}/defi`, {
        method: 'POST',
        body: new URLSearchParams(new FormData(form)),
        headers: { Accept: 'application/json' },
      })
      const { options, error } = await reply.json()
      if (!options) {
        said.textContent = error ?? box.dataset.passkeyFailed
        return
      }
      const credential = making
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })
      form.elements.answer.value = JSON.stringify(credential.toJSON())
      form.requestSubmit()
    } catch {
      // Whoever closes the browser's question, or has no passkey, is told the same: what else can be done.
      said.textContent = box.dataset.passkeyFailed
    }
  }, { capture: true })
}
