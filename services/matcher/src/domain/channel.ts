/** Messenger of an account. `unknown`: a newer writer knows one that this reader does not. */
export type Channel = 'whatsapp' | 'telegram' | 'messenger' | 'instagram' | 'vk' | 'max' | 'unknown';
