/** How to log in with credentials written as `user:password`; nothing where there are none. */
export function loginOf(credentials = ''): { user?: string; pass?: string } {
  const [user = '', ...rest] = credentials.split(':');
  return credentials === '' ? {} : { user, pass: rest.join(':') };
}
