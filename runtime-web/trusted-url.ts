// Addresses of workers in a page with Trusted Types, which refuse a plain address.

interface Policy {
  createScriptURL(url: string): string;
}
let policy: Policy | undefined;

/** The address as a script's address of our policy `dcgan-viewer`; unchanged where the browser has no Trusted Types, or the page refuses the policy. */
export function trustedUrl(href: string): string {
  try {
    policy ??= (
      globalThis as unknown as { trustedTypes: { createPolicy(name: string, rules: Policy): Policy } }
    ).trustedTypes.createPolicy('dcgan-viewer', { createScriptURL: (url) => url });
    return policy.createScriptURL(href);
  } catch {
    return href;
  }
}
