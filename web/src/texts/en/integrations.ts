/** The list of integrations, and what the card of Factorial says wherever it is shown. */
export const integrations = {
  lead: 'Connect WorkMeter with the other tools of your company.',
  description: 'Employees, calendars, holidays and absences, from Factorial to WorkMeter.',
  none: {
    title: 'No integration is available for your account',
    text: 'Contact your WorkMeter account manager.',
  },
  status: {
    not_connected: 'Not connected',
    pending: 'Pending',
    authorizing: 'Authorizing',
    connected: 'Connected',
    expired: 'Expired',
    disconnected: 'Disconnected',
  },
  token: {
    correct: 'Token: Correct',
    refresh_recommended: 'Token: Refresh recommended',
    invalid_or_expired: 'Token: Invalid or expired',
  },
  errors7d: 'Errors (7d): {{count}}',
  verified: 'Last verified {{at}}',
  compared: 'Compared {{at}}, but not all of it could be verified',
  verifying: 'Comparing with Factorial now',
  verificationFailed: 'The last comparison did not finish ({{at}})',
  neverVerified: 'Not compared with Factorial yet',
  company: 'Company: {{name}}',
  paused: 'Paused by WorkMeter support',
  connect: 'Connect',
  goOn: 'Go on connecting',
  openSettings: 'Settings of Factorial',
  connectFirst: {
    title: 'Factorial is not connected',
    text: 'What you see here is what WorkMeter knew before; nothing new comes from Factorial.',
    action: 'Connect Factorial',
  },
  waiting: {
    employees_one: '{{count}} employee has no Factorial profile yet',
    employees_other: '{{count}} employees have no Factorial profile yet',
    absences_one: '{{count}} absence waits for a day type or an employee',
    absences_other: '{{count}} absences wait for a day type or an employee',
  },
} as const;
