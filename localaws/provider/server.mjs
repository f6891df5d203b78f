// An OpenID provider on loopback, over TLS: real protocol, made-up people, no passwords. Development equipment.
// What it is told comes as one line of JSON on standard input; the port on which it listens goes out as another.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:https';
import { text } from 'node:stream/consumers';

// Standard output is for the port alone.
console.info = console.warn = console.log = console.error;

const { Provider } = await import('oidc-provider');
const { issuer, certificate, key, people, client } = JSON.parse(await text(process.stdin));
const byId = new Map(people.map((person) => [person.subject, person]));

const escaped = (value) =>
  String(value).replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
const page = (title, body) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
:root { color-scheme: light dark; } body { font: 1.0625rem/1.5 system-ui, sans-serif; max-width: 30rem; margin: 2rem auto; padding: 0 1rem; }
button { font: inherit; padding: .5rem 1rem; margin: 0 0 .5rem; display: block; width: 100%; }
</style></head><body><main><h1>${title}</h1>
${body}
<hr><p>This is development equipment of Studio Gate on your own machine: a stand-in for your company's identity provider.
It asks for no password, because it protects nothing.</p></main></body></html>
`;
const button = (action, label, fields = {}) => `<form method="post" action="${escaped(action)}">${Object.entries(fields)
  .map(([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`)
  .join('')}<button type="submit">${escaped(label)}</button></form>`;

const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: client.id,
      redirect_uris: client.redirect_uris,
      response_types: ['code', 'id_token'],
      grant_types: ['authorization_code', 'implicit'],
      token_endpoint_auth_method: 'none',
      id_token_signed_response_alg: 'ES256',
    },
  ],
  jwks: { keys: [{ ...jwk, alg: 'ES256', use: 'sig' }] },
  cookies: { keys: [randomBytes(32).toString('base64url')] },
  responseTypes: ['code', 'id_token'],
  pkce: { required: () => true },
  claims: { openid: ['sub'], profile: ['name', 'groups'], email: ['email'] },
  // As Entra ID, Okta and Keycloak do: the claims are in the ID token, with a code too.
  conformIdTokenClaims: false,
  features: {
    devInteractions: { enabled: false },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource(ctx, form) {
        // Its form has neither an answer nor a button yet.
        const asked = form.replace('</form>', '<button name="logout" value="yes">Sign out here, too</button></form>');
        ctx.body = page('Sign out of the stand-in provider?', asked);
      },
      postLogoutSuccessSource(ctx) {
        ctx.body = page('Signed out of the stand-in provider', '');
      },
    },
  },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount(_, id) {
    const person = byId.get(id);
    return person && { accountId: id, claims: () => ({ ...person, subject: undefined, sub: id }) };
  },
  // Nobody is asked whether the gate may know their name: it is the company's own.
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope('openid profile email');
    await grant.save();
    return grant;
  },
  renderError(ctx, out) {
    ctx.type = 'html';
    ctx.body = page('The stand-in provider refuses', `<p>${escaped(out.error)}: ${escaped(out.error_description)}</p>`);
  },
});

async function interact(request, response) {
  await provider.interactionDetails(request, response);
  const path = new URL(request.url, issuer).pathname;
  if (request.method === 'GET') {
    const choices = people.map((one) => button(path, `Sign in as ${one.name}`, { subject: one.subject }));
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.setHeader('Cache-Control', 'no-store');
    response.end(page('Who are you?', [...choices, button(path, 'Cancel')].join('\n')));
    return;
  }
  const subject = new URLSearchParams(await text(request)).get('subject');
  const result = byId.has(subject) ? { login: { accountId: subject } } : { error: 'access_denied' };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

const answer = provider.callback();
const server = createServer({ cert: certificate, key }, (request, response) => {
  if (!request.url.startsWith('/interaction/')) {
    answer(request, response);
    return;
  }
  interact(request, response).catch((error) => {
    console.error(error.name);
    response.statusCode = 400;
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(page('There is no such sign-in', '<p>It has ended, or another browser began it.</p>'));
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`));
process.on('SIGTERM', () => process.exit(0));
