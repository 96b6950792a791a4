import type { Texts } from '../shape.ts';

export const warnings: Texts['warnings'] = {
  since: 'Desde {{at}}',
  region: 'Lo que requiere tu atención',
  redirectUri: 'URI de redirección de WorkMeter',
  redirectUriHint:
    'Abre tu aplicación en Factorial y compara: debe ser exactamente esta, con las mismas mayúsculas y sin barra al final.',
  reconcileAsked: 'WorkMeter compara ahora todo con Factorial.',
  other: 'Algo requiere tu atención.',
  message: {
    connection_expired: 'La conexión con Factorial ha caducado',
    credentials_invalid: 'Factorial no acepta el Client ID o el Client secret.',
    authorization_expired: 'La autorización ha caducado',
    authorization_denied: 'La autorización se ha denegado en Factorial.',
    redirect_uri_mismatch:
      'La URI de redirección registrada en Factorial no es exactamente la que se muestra aquí.',
    other_company: 'Esta autorización es de otra empresa de Factorial. No se ha cambiado nada.',
    company_already_connected: 'Esta empresa de Factorial ya está conectada a otra cuenta de WorkMeter.',
    reauthorization_needed: 'El nuevo Client ID debe autorizarse en Factorial.',
    administrator_needed: 'Un administrador de Factorial debe autorizar la conexión.',
    scopes_missing: 'A la aplicación de Factorial le falta un permiso. Marca {{permissions}}.',
    subscription_disabled: 'Factorial había desactivado una suscripción de webhook. Se ha vuelto a activar.',
    subscription_conflict:
      'Otro sistema recibe webhooks que WorkMeter necesita. Esos cambios se consultan periódicamente.',
    subscription_refused:
      'Factorial ha rechazado una suscripción de webhook. Esos cambios llegan por la noche.',
    subscriptions_left_behind: 'No se han podido eliminar suscripciones de webhook en Factorial.',
    factorial_unreachable: 'Factorial no responde.',
    rate_limited: 'Factorial limita nuestras peticiones.',
    wrong_cluster: 'Factorial responde sin datos: la cuenta puede estar en otra región.',
    schema_drift: 'Factorial envía datos con una forma inesperada.',
    sweep_unstable: 'Los datos de Factorial cambiaban mientras se comparaban. No se ha eliminado nada.',
    deletions_waiting: 'Muchos registros han desaparecido en Factorial. Su eliminación espera aprobación.',
    command_refused: 'La última acción no se ha podido llevar a cabo.',
  },
  refusal: {
    alreadyConnected: 'Factorial ya está conectado. Desconecta primero para iniciar una conexión nueva.',
    notConnected: 'Factorial no está conectado.',
    credentialsMissing: 'Guarda primero el Client ID y el Client secret.',
    nothingAuthorizes: 'No hay ninguna autorización en curso. Pulsa de nuevo Conectar con Factorial.',
  },
  action: {
    connect: 'Conectar con Factorial',
    reauthorize: 'Reautorizar',
    replace_credentials: 'Reemplazar credenciales',
    reconcile: 'Reconciliar ahora',
    wait: 'No hay que hacer nada: se reintenta automáticamente',
    contact_support: 'Contactar con el soporte de WorkMeter',
    compare_redirect_uri: 'Comparar la URI de redirección',
    check_host: 'Comprobar la URL de Factorial',
    decide_deletions: 'Revisar las eliminaciones',
    retry: 'Reintentar',
  },
};
