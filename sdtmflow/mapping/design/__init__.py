"""The trial's design and what each subject went through: TA, TE, TI, TS, TV, SE, SV."""
