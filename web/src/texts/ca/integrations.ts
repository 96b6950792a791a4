import type { Texts } from '../shape.ts';

export const integrations: Texts['integrations'] = {
  lead: 'Connecta WorkMeter amb les altres eines de la teva empresa.',
  description: 'Empleats, calendaris, festius i absències, de Factorial a WorkMeter.',
  none: {
    title: 'No hi ha cap integració disponible per al teu compte',
    text: 'Contacta amb el teu gestor de compte de WorkMeter.',
  },
  status: {
    not_connected: 'Sense connectar',
    pending: 'Pendent',
    authorizing: 'Autoritzant',
    connected: 'Connectat',
    expired: 'Caducat',
    disconnected: 'Desconnectat',
  },
  token: {
    correct: 'Token: Correcte',
    refresh_recommended: 'Token: Renovació recomanada',
    invalid_or_expired: 'Token: No vàlid o caducat',
  },
  errors7d: 'Errors (7 d): {{count}}',
  verified: 'Darrera verificació: {{at}}',
  compared: 'Comparat {{at}}, però no s’ha pogut verificar tot',
  verifying: 'Comparant ara amb Factorial',
  verificationFailed: 'La darrera comparació no va acabar ({{at}})',
  neverVerified: 'Encara no s’ha comparat amb Factorial',
  company: 'Empresa: {{name}}',
  paused: 'En pausa pel suport de WorkMeter',
  connect: 'Connecta',
  goOn: 'Continua la connexió',
  openSettings: 'Configuració de Factorial',
  connectFirst: {
    title: 'Factorial no està connectat',
    text: 'El que veus aquí és el que WorkMeter ja sabia; de Factorial no arriba res de nou.',
    action: 'Connecta Factorial',
  },
  waiting: {
    employees_one: '{{count}} empleat encara no té perfil de Factorial',
    employees_other: '{{count}} empleats encara no tenen perfil de Factorial',
    absences_one: '{{count}} absència espera un tipus de dia o un empleat',
    absences_other: '{{count}} absències esperen un tipus de dia o un empleat',
  },
};
