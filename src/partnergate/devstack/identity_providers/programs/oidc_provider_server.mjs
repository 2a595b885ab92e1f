// oidc-provider (npm) with its built-in login and consent pages, which accept any password.
// Except for the identifier, claims come from the user-info endpoint only, which is its default.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [settingsFile] = process.argv.slice(2);
const settings = JSON.parse(readFileSync(settingsFile, 'utf8'));
const require = createRequire(`${settings.environment}/`);
const { Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));

const accounts = new Map(settings.accounts.map((account) => [account.user_name, account]));
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

const provider = new Provider(settings.url, {
  clients: [{
    client_id: settings.client_id,
    client_secret: settings.client_secret,
    redirect_uris: [settings.redirect_uri],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: settings.client_authentication,
  }],
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'signing', use: 'sig', alg: 'RS256' }] },
  cookies: { keys: [randomBytes(32).toString('hex')] },
  claims: {
    openid: ['sub'],
    email: ['email', 'email_verified'],
    profile: ['given_name', 'family_name', 'groups'],
  },
  findAccount: async (_context, id) => {
    const account = accounts.get(id);
    return account && {
      accountId: id,
      claims: async () => ({
        sub: id,
        email: account.email,
        email_verified: true,
        given_name: account.given_name,
        family_name: account.family_name,
        groups: account.groups,
      }),
    };
  },
});
provider.listen(settings.port, settings.host);
