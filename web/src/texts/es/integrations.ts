import type { Texts } from '../shape.ts';

export const integrations: Texts['integrations'] = {
  lead: 'Conecta WorkMeter con las demás herramientas de tu empresa.',
  description: 'Empleados, calendarios, festivos y ausencias, de Factorial a WorkMeter.',
  none: {
    title: 'No hay ninguna integración disponible para tu cuenta',
    text: 'Contacta con tu gestor de cuenta de WorkMeter.',
  },
  status: {
    not_connected: 'Sin conectar',
    pending: 'Pendiente',
    authorizing: 'Autorizando',
    connected: 'Conectado',
    expired: 'Caducado',
    disconnected: 'Desconectado',
  },
  token: {
    correct: 'Token: Correcto',
    refresh_recommended: 'Token: Renovación recomendada',
    invalid_or_expired: 'Token: No válido o caducado',
  },
  errors7d: 'Errores (7 d): {{count}}',
  verified: 'Última verificación: {{at}}',
  compared: 'Comparado {{at}}, pero no se pudo verificar todo',
  verifying: 'Comparando ahora con Factorial',
  verificationFailed: 'La última comparación no terminó ({{at}})',
  neverVerified: 'Aún no se ha comparado con Factorial',
  company: 'Empresa: {{name}}',
  paused: 'En pausa por el soporte de WorkMeter',
  connect: 'Conectar',
  goOn: 'Continuar la conexión',
  openSettings: 'Configuración de Factorial',
  connectFirst: {
    title: 'Factorial no está conectado',
    text: 'Lo que ves aquí es lo que WorkMeter ya sabía; de Factorial no llega nada nuevo.',
    action: 'Conectar Factorial',
  },
  waiting: {
    employees_one: '{{count}} empleado aún no tiene perfil de Factorial',
    employees_other: '{{count}} empleados aún no tienen perfil de Factorial',
    absences_one: '{{count}} ausencia espera un tipo de día o un empleado',
    absences_other: '{{count}} ausencias esperan un tipo de día o un empleado',
  },
};
