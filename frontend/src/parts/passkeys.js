/**
 * `form[data-passkey="make"|"use"]` with `data-options`: the address that gives the options. The browser's answer goes into the
 * form's field `credential`, and the form is sent. Without passkeys in the browser the form stays hidden.
 */
for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential || !window.isSecureContext) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    if (form.elements.credential.value) return;
    event.preventDefault();
    const problem = form.querySelector("[role=alert]");
    problem.hidden = true;
    try {
      const answer = await fetch(form.dataset.options, {
        method: "POST",
        headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const options = await answer.json();
      const made = await (form.dataset.passkey === "make" ? create(options) : get(options));
      form.elements.credential.value = JSON.stringify(made);
      form.submit();
    } catch {
      problem.hidden = false;
    }
  });
}

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
const named = (one) => ({ ...one, id: bytes(one.id) });

async function create(options) {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: named(options.user),
    excludeCredentials: (options.excludeCredentials ?? []).map(named),
  };
  const made = await navigator.credentials.create({ publicKey });
  return told(made, {
    attestationObject: text(made.response.attestationObject),
    transports: made.response.getTransports?.() ?? [],
  });
}

async function get(options) {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    allowCredentials: (options.allowCredentials ?? []).map(named),
  };
  const chosen = await navigator.credentials.get({ publicKey });
  return told(chosen, {
    authenticatorData: text(chosen.response.authenticatorData),
    signature: text(chosen.response.signature),
    userHandle: chosen.response.userHandle ? text(chosen.response.userHandle) : null,
  });
}

function told(one, response) {
  return {
    id: one.id,
    rawId: text(one.rawId),
    type: one.type,
    clientExtensionResults: one.getClientExtensionResults(),
    response: { clientDataJSON: text(one.response.clientDataJSON), ...response },
  };
}
