// Keeps our own files, and the one page of the reader's own figures. Nothing else of what is seen is ever stored.
const FILES = [{% for file in files %}"{{ file|escapejs }}"{% if not forloop.last %}, {% endif %}{% endfor %}];
const OURS = "rongshu-files";
const SEEN = "rongshu-seen";
const FIGURES = "{% url 'portal:seen' %}";
const OFFLINE = "{% url 'portal:offline' %}";
const LEAVE = "{% url 'portal:sign_out' %}";

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(OURS).then(async (kept) => {
      await kept.addAll([...FILES, OFFLINE]);
      await self.skipWaiting();
    }),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.open(OURS).then(async (kept) => {
      const wanted = new Set([...FILES, OFFLINE]);
      for (const one of await kept.keys()) {
        if (!wanted.has(new URL(one.url).pathname)) await kept.delete(one);
      }
      await self.clients.claim();
    }),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin) return;
  if (pathname === LEAVE) {
    event.waitUntil(caches.delete(SEEN));
  } else if (request.method !== "GET") {
    return;
  } else if (FILES.includes(pathname)) {
    event.respondWith(caches.match(request, { ignoreVary: true }).then((kept) => kept ?? fetch(request)));
  } else if (request.mode === "navigate") {
    event.respondWith(fetch(request).then((answer) => looked(event, answer), () => lastSeen()));
  }
});

function looked(event, answer) {
  if (answer.ok && new URL(event.request.url).pathname === "{% url 'portal:home' %}") event.waitUntil(keep());
  return answer;
}

/** The figures as they are now; whoever is not signed in any more has none. */
async function keep() {
  const answer = await fetch(FIGURES, { redirect: "manual" });
  if (answer.ok) await (await caches.open(SEEN)).put(FIGURES, answer);
  else await caches.delete(SEEN);
}

async function lastSeen() {
  const kept = await caches.match(FIGURES, { ignoreVary: true });
  return kept ?? (await caches.match(OFFLINE, { ignoreVary: true })) ?? Response.error();
}
