import type { LeaveTypeRow } from '../rows.ts';

export type SeedLeaveType = Partial<LeaveTypeRow> & { name: string; identifier: string };

/** The absence types of every seeded company; the last one is retired. */
export const seedLeaveTypes: readonly SeedLeaveType[] = [
  { name: 'Vacaciones', translated_name: 'Holidays', identifier: 'holiday', color: '#07A2AD', accrues: true },
  {
    name: 'Baja médica',
    translated_name: 'Sick leave',
    identifier: 'sick_leave',
    color: '#E51943',
    approval_required: false,
    allow_endless: true,
    attachment: true,
  },
  { name: 'Permiso retribuido', translated_name: 'Paid leave', identifier: 'paid_leave', color: '#FF9F1C' },
  {
    name: 'Visita médica',
    translated_name: 'Medical appointment',
    identifier: 'medical_visit',
    color: '#5D8CFF',
    approval_required: false,
    half_days_units_enabled: false,
  },
  {
    name: 'Teletrabajo',
    translated_name: 'Remote work',
    identifier: 'remote_work',
    color: '#36B37E',
    workable: true,
  },
  { name: 'Matrimonio', translated_name: 'Wedding', identifier: 'wedding', color: '#C55AF6' },
  {
    name: 'Mudanza',
    translated_name: 'Moving house',
    identifier: 'moving',
    color: '#8F6A4B',
    max_days_in_cents: 100,
  },
  {
    name: 'Asuntos propios (antiguo)',
    translated_name: 'Personal matters (old)',
    identifier: 'personal_matters_old',
    color: '#999999',
    active: false,
    payable: false,
  },
];
