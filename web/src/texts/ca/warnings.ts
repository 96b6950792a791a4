import type { Texts } from '../shape.ts';

export const warnings: Texts['warnings'] = {
  since: 'Des de {{at}}',
  region: 'El que requereix la teva atenció',
  redirectUri: 'URI de redirecció de WorkMeter',
  redirectUriHint:
    'Obre la teva aplicació a Factorial i compara: ha de ser exactament aquesta, amb les mateixes majúscules i sense barra al final.',
  reconcileAsked: 'WorkMeter compara ara tot amb Factorial.',
  other: 'Alguna cosa requereix la teva atenció.',
  message: {
    connection_expired: 'La connexió amb Factorial ha caducat',
    credentials_invalid: 'Factorial no accepta el Client ID o el Client secret.',
    authorization_expired: 'L’autorització ha caducat',
    authorization_denied: 'L’autorització s’ha denegat a Factorial.',
    redirect_uri_mismatch:
      'La URI de redirecció registrada a Factorial no és exactament la que es mostra aquí.',
    other_company: 'Aquesta autorització és d’una altra empresa de Factorial. No s’ha canviat res.',
    company_already_connected:
      'Aquesta empresa de Factorial ja està connectada a un altre compte de WorkMeter.',
    reauthorization_needed: 'El nou Client ID s’ha d’autoritzar a Factorial.',
    administrator_needed: 'Un administrador de Factorial ha d’autoritzar la connexió.',
    scopes_missing: 'A l’aplicació de Factorial li falta un permís. Marca {{permissions}}.',
    subscription_disabled: 'Factorial havia desactivat una subscripció de webhook. S’ha tornat a activar.',
    subscription_conflict:
      'Un altre sistema rep webhooks que WorkMeter necessita. Aquests canvis es consulten periòdicament.',
    subscription_refused:
      'Factorial ha rebutjat una subscripció de webhook. Aquests canvis arriben a la nit.',
    subscriptions_left_behind: 'No s’han pogut eliminar subscripcions de webhook a Factorial.',
    factorial_unreachable: 'Factorial no respon.',
    rate_limited: 'Factorial limita les nostres peticions.',
    wrong_cluster: 'Factorial respon sense dades: el compte pot ser en una altra regió.',
    schema_drift: 'Factorial envia dades amb una forma inesperada.',
    sweep_unstable: 'Les dades de Factorial canviaven mentre es comparaven. No s’ha eliminat res.',
    deletions_waiting: 'Molts registres han desaparegut a Factorial. La seva eliminació espera aprovació.',
    command_refused: 'L’última acció no s’ha pogut dur a terme.',
  },
  refusal: {
    alreadyConnected: 'Factorial ja està connectat. Desconnecta primer per iniciar una connexió nova.',
    notConnected: 'Factorial no està connectat.',
    credentialsMissing: 'Desa primer el Client ID i el Client secret.',
    nothingAuthorizes: 'No hi ha cap autorització en curs. Torna a prémer Connecta amb Factorial.',
  },
  action: {
    connect: 'Connecta amb Factorial',
    reauthorize: 'Reautoritza',
    replace_credentials: 'Reemplaça les credencials',
    reconcile: 'Reconcilia ara',
    wait: 'No cal fer res: es torna a provar automàticament',
    contact_support: 'Contacta amb el suport de WorkMeter',
    compare_redirect_uri: 'Compara la URI de redirecció',
    check_host: 'Comprova la URL de Factorial',
    decide_deletions: 'Revisa les eliminacions',
    retry: 'Torna-ho a provar',
  },
};
