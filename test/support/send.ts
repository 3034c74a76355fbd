export const send = (method: 'POST' | 'PUT', url: string, body: object): Promise<Response> =>
  fetch(url, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
