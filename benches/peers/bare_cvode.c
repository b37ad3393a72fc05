/* Lives of many animals by CVODE, without anything around it. "model.h" is what bare_cvode.py generates:
   the equations, their Jacobian, and the elimination of I - gamma J, all as straight lines. With DENSE, SUNDIALS'
   own dense matrix and solver take the place of that elimination. */
#include <cvode/cvode.h>
#include <math.h>
#include <nvector/nvector_serial.h>
#include <stdlib.h>
#include <string.h>
#include <sundials/sundials_linearsolver.h>
#include <sundials/sundials_matrix.h>
#ifdef DENSE
#include <sunlinsol/sunlinsol_dense.h>
#include <sunmatrix/sunmatrix_dense.h>
#endif

#include "model.h"

typedef struct {
  double hoisted[HOISTED];
  double jacobian[ENTRIES];
  double factors[FACTORS];
} Work;

static int right_hand_side(sunrealtype time, N_Vector y, N_Vector rates, void *data) {
  (void)time;
  model_rates(N_VGetArrayPointer_Serial(y), ((Work *)data)->hoisted, N_VGetArrayPointer_Serial(rates));
  return 0;
}

#ifdef DENSE
/* CVODE has set the matrix to zero. */
static int dense_jacobian(sunrealtype time, N_Vector y, N_Vector rates, SUNMatrix matrix, void *data, N_Vector a, N_Vector b, N_Vector c) {
  (void)time, (void)rates, (void)a, (void)b, (void)c;
  Work *work = data;
  model_jacobian(N_VGetArrayPointer_Serial(y), work->hoisted, work->jacobian);
  for (int k = 0; k < ENTRIES; k++) SM_ELEMENT_D(matrix, entry_rows[k], entry_columns[k]) = work->jacobian[k];
  return 0;
}
#else
/* I - gamma J, eliminated at once; the Jacobian is kept for other gammas. */
static int linear_system(sunrealtype time, N_Vector y, N_Vector rates, SUNMatrix matrix, sunbooleantype keep, sunbooleantype *renewed,
                         sunrealtype gamma, void *data, N_Vector a, N_Vector b, N_Vector c) {
  (void)time, (void)rates, (void)matrix, (void)a, (void)b, (void)c;
  Work *work = data;
  if (!keep) model_jacobian(N_VGetArrayPointer_Serial(y), work->hoisted, work->jacobian);
  *renewed = !keep;
  model_factor(work->jacobian, gamma, work->factors);
  return 0;
}

static SUNMatrix_ID matrix_kind(SUNMatrix matrix) {
  (void)matrix;
  return SUNMATRIX_CUSTOM;
}

static SUNLinearSolver_Type solver_kind(SUNLinearSolver solver) {
  (void)solver;
  return SUNLINEARSOLVER_DIRECT;
}

static int solve(SUNLinearSolver solver, SUNMatrix matrix, N_Vector x, N_Vector b, sunrealtype tolerance) {
  (void)matrix, (void)tolerance;
  model_solve(((Work *)solver->content)->factors, N_VGetArrayPointer_Serial(b), N_VGetArrayPointer_Serial(x));
  return 0;
}
#endif

static int roots(sunrealtype time, N_Vector y, sunrealtype *found, void *data) {
  (void)time;
  model_thresholds(N_VGetArrayPointer_Serial(y), ((Work *)data)->hoisted, found);
  return 0;
}

/* From `time` to `target`; ages of the thresholds met on the way, once each. */
static int go(void *cvode, N_Vector y, double *time, double target, double *ages) {
  int directions[THRESHOLDS + 1];
  while (*time < target) {
    int flag = CVode(cvode, target, y, time, CV_NORMAL);
    if (flag < 0) return flag;
    if (flag != CV_ROOT_RETURN) return 0;
    CVodeGetRootInfo(cvode, directions);
    for (int k = 0; k < THRESHOLDS; k++)
      if (directions[k] && isinf(ages[k])) ages[k] = START + *time;
  }
  return 0;
}

static int one(void *cvode, N_Vector y, Work *work, double *parameters, double duration, int days, double *states, double *ages) {
  double *values = N_VGetArrayPointer_Serial(y), time = 0;
  int day = 0, flag = 0;
  for (int k = 0; k < THRESHOLDS; k++) ages[k] = INFINITY;
  for (int part = 0; part <= SWITCHES && flag >= 0; part++) {
    double end = part < SWITCHES && switch_times[part] < duration ? switch_times[part] : duration;
    if (end > time) {
      model_hoist(parameters, work->hoisted);
      if ((flag = CVodeReInit(cvode, time, y)) < 0 || (flag = CVodeSetStopTime(cvode, end)) < 0) return flag;
      for (; days && day <= end && flag >= 0; day++) {
        flag = go(cvode, y, &time, day, ages);
        memcpy(states + (size_t)day * SPECIES, values, sizeof(double) * SPECIES);
      }
      if (flag >= 0) flag = go(cvode, y, &time, end, ages);
    }
    if (part < SWITCHES && switch_times[part] <= time) model_switch(part, parameters, values);
  }
  if (!days) memcpy(states, values, sizeof(double) * SPECIES);
  return flag;
}

/* `count` animals of `parameters` and `starts` for `duration` days each. With `days`, `states` holds SPECIES values
   of each whole day, else of the end; `ages` holds one of each threshold. `flags` says what CVODE said of each. */
int live(int count, const double *parameters, const double *starts, double relative, double absolute, double duration, int days,
         double *states, double *ages, int *flags) {
  SUNContext context;
  if (SUNContext_Create(SUN_COMM_NULL, &context)) return -1;
  SUNContext_ClearErrHandlers(context);
  Work *work = calloc(1, sizeof *work);
  double *own = malloc(sizeof(double) * PARAMETERS);
  N_Vector y = N_VNew_Serial(SPECIES, context);
  memcpy(N_VGetArrayPointer_Serial(y), starts, sizeof(double) * SPECIES);
  N_VEnableFusedOps_Serial(y, SUNTRUE);
#ifdef DENSE
  SUNMatrix matrix = SUNDenseMatrix(SPECIES, SPECIES, context);
  SUNLinearSolver solver = SUNLinSol_Dense(y, matrix, context);
#else
  SUNMatrix matrix = SUNMatNewEmpty(context);
  matrix->ops->getid = matrix_kind;
  SUNLinearSolver solver = SUNLinSolNewEmpty(context);
  solver->ops->gettype = solver_kind;
  solver->ops->solve = solve;
  solver->content = work;
#endif
  void *cvode = CVodeCreate(CV_BDF, context);
  int falling[THRESHOLDS + 1];
  for (int k = 0; k < THRESHOLDS; k++) falling[k] = -1;
  int failed = CVodeInit(cvode, right_hand_side, 0, y) || CVodeSStolerances(cvode, relative, absolute) || CVodeSetUserData(cvode, work)
               || CVodeSetLinearSolver(cvode, solver, matrix)
#ifdef DENSE
               || CVodeSetJacFn(cvode, dense_jacobian)
#else
               || CVodeSetLinSysFn(cvode, linear_system)
#endif
               || CVodeSetMaxNumSteps(cvode, 1000000) || CVodeRootInit(cvode, THRESHOLDS, roots)
               || (THRESHOLDS && CVodeSetRootDirection(cvode, falling));
  size_t rows = days ? (size_t)floor(duration) + 1 : 1;
  for (int k = 0; k < count && !failed; k++) {
    memcpy(N_VGetArrayPointer_Serial(y), starts + (size_t)k * SPECIES, sizeof(double) * SPECIES);
    memcpy(own, parameters + (size_t)k * PARAMETERS, sizeof(double) * PARAMETERS);
    flags[k] = one(cvode, y, work, own, duration, days, states + k * rows * SPECIES, ages + (size_t)k * THRESHOLDS);
  }
  CVodeFree(&cvode);
  N_VDestroy(y);
#ifdef DENSE
  SUNLinSolFree(solver);
  SUNMatDestroy(matrix);
#else
  SUNLinSolFreeEmpty(solver);
  SUNMatFreeEmpty(matrix);
#endif
  SUNContext_Free(&context);
  free(own);
  free(work);
  return failed ? -1 : 0;
}
