"""What became of the leads: conversion, velocity, hand-over and SLA, claims, campaigns."""
